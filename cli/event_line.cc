#include "event_line.h"

#include <fmt/format.h>

#include <cstring>

#include "failure.h"
#include "text.h"

namespace flashflood::cli {

namespace {

// Some readers of lines take a lone carriage return for a line break too.
bool has_line_break(std::string_view data) {
  return !data.empty() && (std::memchr(data.data(), '\n', data.size()) != nullptr ||
                           std::memchr(data.data(), '\r', data.size()) != nullptr);
}

}  // namespace

void EventWriter::append(std::string& out, const EventView& event) {
  const bool broken = !data_is_json_ && has_line_break(event.data);
  if (form_ == Form::data) {
    if (!broken) {
      out += event.data;
    } else if (json_.parse(event.data)) {
      append_compact_json(out, event.data);
    } else {
      throw Failure(fmt::format(
          "the data of event {} has line breaks and is not JSON, so that it does not fit on one "
          "line; --format event carries it as data_base64",
          quoted_text(event.id)));
    }
    out += '\n';
    return;
  }
  out += "{\"id\":";
  append_json_string(out, event.id);
  out += ",\"date\":\"";
  out += format_timestamp(event.date);
  out += "\",\"revision\":";
  out += std::to_string(event.revision);
  if (data_is_json_ || json_.parse(event.data)) {
    out += ",\"data\":";
    if (broken) {
      append_compact_json(out, event.data);
    } else {
      out += event.data;
    }
  } else {
    out += ",\"data_base64\":\"";
    append_base64(out, event.data);
    out += '"';
  }
  out += "}\n";
}

}  // namespace flashflood::cli
