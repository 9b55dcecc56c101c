#include "engine/state/event_checks.h"

#include <fmt/format.h>

#include "base/text.h"
#include "flashflood/error.h"

namespace flashflood::engine {

void check_id(std::string_view id) {
  if (id.empty()) throw InvalidArgument("the id is empty; it takes 1 to 1024 bytes of UTF-8");
  if (id.size() > id_bytes_max)
    throw InvalidArgument(fmt::format("the id {} has {} bytes; {} are the most", quote(id, 40),
                                      id.size(), id_bytes_max));
  if (!is_valid_utf8(id))
    throw InvalidArgument(fmt::format("the id {} is not valid UTF-8", quote(id)));
}

void check_data(std::string_view data) {
  if (data.size() > data_bytes_max)
    throw InvalidArgument(
        fmt::format("the data has {} bytes; {} (64 MiB) are the most for one event", data.size(),
                    data_bytes_max));
}

void check_date(Timestamp date) {
  if (date < timestamp_min || date > timestamp_max)
    throw InvalidArgument(
        "the date lies outside 0001-01-01T00:00:00Z to 9999-12-31T23:59:59.999999Z");
}

std::string make_id(const Context& context) {
  return context.ordered_ids->next(*context.env.clock, *context.env.random);
}

}  // namespace flashflood::engine
