#include "arguments.h"

#include <nanobind/stl/string.h>

#include <string_view>

#include "convert.h"
#include "gil.h"

namespace flashflood::python {

namespace {

[[noreturn]] void raise_wrong_type(const char* name, const char* wanted, nb::handle given) {
  nb::raise_type_error("%s is %s, not %s", name, wanted, Py_TYPE(given.ptr())->tp_name);
}

bool has_scheme(std::string_view text) { return text.find("://") != std::string_view::npos; }

// A URL that was made a path has lost a slash: Path("s3://bucket") is "s3:/bucket".
bool was_url(std::string_view path) {
  const std::string_view first = path.substr(0, path.find('/'));
  return first == "s3:" || first == "file:" || first == "memory:";
}

std::string absolute(nb::handle path, const char* name) {
  const nb::module_ os_path = nb::module_::import_("os.path");
  const nb::object expanded = call_python(os_path.attr("expanduser"), path);
  const nb::object whole = call_python(os_path.attr("abspath"), expanded);
  return std::string(BorrowedBytes(whole, name).view());
}

// Writes values as JSON: compact, in UTF-8, without the NaN that is none.
nb::handle json_encode() {
  static PyObject* encode = nullptr;  // guarded by the GIL; lives as long as the interpreter
  if (encode == nullptr) {
    nb::dict options;
    options["ensure_ascii"] = false;
    options["allow_nan"] = false;
    options["separators"] = nb::make_tuple(",", ":");
    const nb::object encoder = nb::module_::import_("json").attr("JSONEncoder");
    const nb::tuple none;
    PyObject* const made =
        parking([&] { return PyObject_Call(encoder.ptr(), none.ptr(), options.ptr()); });
    if (made == nullptr) nb::raise_python_error();
    encode = nb::object(nb::steal(made).attr("encode")).release().ptr();
  }
  return encode;
}

}  // namespace

std::string text_argument(nb::handle given, const char* name) {
  if (!PyUnicode_Check(given.ptr())) raise_wrong_type(name, "str", given);
  return std::string(BorrowedBytes(given, name).view());
}

bool flag_argument(nb::handle given, const char* name) {
  if (!PyBool_Check(given.ptr())) raise_wrong_type(name, "True or False", given);
  return given.ptr() == Py_True;
}

std::uint64_t number_argument(nb::handle given, const char* name) {
  if (!PyIndex_Check(given.ptr()) || PyBool_Check(given.ptr()))
    raise_wrong_type(name, "a whole number", given);
  PyObject* const index = parking([&] { return PyNumber_Index(given.ptr()); });
  if (index == nullptr) nb::raise_python_error();
  const nb::object number = nb::steal(index);
  const std::uint64_t value = PyLong_AsUnsignedLongLong(number.ptr());
  const bool outside = PyErr_Occurred() != nullptr;
  if (outside && !PyErr_ExceptionMatches(PyExc_OverflowError)) nb::raise_python_error();
  PyErr_Clear();
  if (outside)
    throw InvalidArgument(std::string(name) + " is a number from 0 to 18446744073709551615, not " +
                          nb::cast<std::string>(nb::str(number)));
  return value;
}

HeldS3Options s3_argument(nb::handle given, const char* name) {
  if (given.is_none()) return {};
  if (!nb::isinstance<HeldS3Options>(given)) raise_wrong_type(name, "S3Options", given);
  return *nb::inst_ptr<HeldS3Options>(given);
}

std::optional<std::string> optional_text(nb::handle given, const char* name) {
  if (given.is_none()) return std::nullopt;
  return text_argument(given, name);
}

std::optional<std::uint64_t> optional_number(nb::handle given, const char* name) {
  if (given.is_none()) return std::nullopt;
  return number_argument(given, name);
}

std::string place_argument(nb::handle given, const char* name) {
  const bool is_text = PyUnicode_Check(given.ptr());
  if (!is_text && !nb::hasattr(given, "__fspath__")) raise_wrong_type(name, "str or a path", given);
  // A path as the system has it, which need not be UTF-8.
  const nb::object path = call_python(nb::module_::import_("os").attr("fsencode"), given);
  const std::string text(BorrowedBytes(path, name).view());
  if (text.empty() || (is_text && has_scheme(text))) return text;
  if (!is_text && was_url(text))
    throw InvalidArgument(std::string(name) + " is the path " + text +
                          ", which looks like a URL: give a URL as str");
  return absolute(path, name);
}

nb::object data_or_json(nb::handle data, nb::handle json) {
  const bool has_data = data.ptr() != Py_Ellipsis;
  const bool has_json = json.ptr() != Py_Ellipsis;
  if (has_data && has_json) nb::raise_type_error("data and json are both given: give one of them");
  if (has_data) return nb::borrow(data);
  if (!has_json) nb::raise_type_error("data is missing: give data, or json");
  return call_python(json_encode(), json);
}

}  // namespace flashflood::python
