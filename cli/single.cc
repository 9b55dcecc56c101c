// put, get, update: one event.

#include <string>

#include "commands.h"
#include "event_line.h"
#include "failure.h"
#include "input.h"
#include "output.h"
#include "text.h"
#include "values.h"

namespace flashflood::cli {

namespace {

// The data as typed, or standard input without a last line break (so that what `get` prints can be
// put again).
std::string data_of(const Text& argument) {
  if (argument && *argument != "-") return *argument;
  std::string data = read_raw_input(data_bytes_max + 1);
  if (data.ends_with('\n')) data.pop_back();
  return data;
}

std::optional<std::uint64_t> revision_of(const Text& argument) {
  if (!argument) return std::nullopt;
  return parse_count("--expected-revision", *argument, 1);
}

}  // namespace

int run_put(Session& session, const PutArguments& arguments) {
  NewEvent event;
  event.id = arguments.id;
  if (arguments.date) {
    std::optional<std::chrono::minutes> zone;
    if (arguments.zone) zone = parse_zone("--zone", *arguments.zone);
    event.date = parse_date("--date", *arguments.date, zone);
  } else if (arguments.zone) {
    throw UsageError("--zone goes with --date");
  }
  session.store();  // a missing --store should not wait for standard input
  event.data = data_of(arguments.data);
  const std::string id = session.open_or_create(arguments.create).put(event);
  print_result("the event is recorded with id " + quoted_text(id), id + "\n");
  return done;
}

int run_get(Session& session, const GetArguments& arguments) {
  const Event event = session.open().get(arguments.id);
  Output output;
  if (arguments.format == "event") {
    EventWriter writer(EventWriter::Form::event);
    writer.append(output.buffer(), {event.id, event.date, event.data, event.revision});
  } else {
    output.print(event.data);
    output.print("\n");
  }
  output.flush();
  return done;
}

int run_update(Session& session, const UpdateArguments& arguments) {
  const auto revision = revision_of(arguments.expected_revision);
  Flood& flood = session.open();
  const std::string data = data_of(arguments.data);
  const std::string made = std::to_string(flood.update(arguments.id, data, revision));
  print_result("the event is updated to revision " + made, made + "\n");
  return done;
}

}  // namespace flashflood::cli
