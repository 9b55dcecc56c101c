// Arguments of calls as Python gives them, read one by one so that an error names the argument.
//
// Each throws a Python TypeError for what is of a wrong type, and InvalidArgument for what is out
// of range; both begin with `name`. Dates, durations and data are in convert.h.
//
// Threads: with the GIL held.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>

#include "bindings.h"
#include "s3.h"

namespace flashflood::python {

std::string text_argument(nb::handle given, const char* name);
bool flag_argument(nb::handle given, const char* name);
std::uint64_t number_argument(nb::handle given, const char* name);

// Of None: nothing, or what stands for it.
HeldS3Options s3_argument(nb::handle given, const char* name);
std::optional<std::string> optional_text(nb::handle given, const char* name);
std::optional<std::uint64_t> optional_number(nb::handle given, const char* name);

// Sets an option to what is given; None leaves it as it is.
template <typename Option>
void set_option(Option& option, nb::handle given, const char* name) {
  if (given.is_none()) return;
  if constexpr (std::is_same_v<Option, bool>) {
    option = flag_argument(given, name);
  } else if constexpr (std::is_same_v<Option, std::string>) {
    option = text_argument(given, name);
  } else {
    option = number_argument(given, name);
  }
}

// Where a flood is: a URL, or a path as str or os.PathLike, which becomes absolute; "~" in front
// of it is the home folder.
std::string place_argument(nb::handle given, const char* name);

// What put() and update() take: `data` as it is, or the text of `json`; Ellipsis stands for what
// is not given, since None is JSON. Exactly one must be given.
nb::object data_or_json(nb::handle data, nb::handle json);

}  // namespace flashflood::python
