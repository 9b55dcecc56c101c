#include "line_rules.h"

#include <algorithm>
#include <array>

#include "failure.h"
#include "values.h"

namespace flashflood::cli {

namespace {

using Unit = DateReading::Unit;

// docs/record.md tells about each, and has a sample that the tests record.
struct Preset {
  const char* name;
  Shape shape;
  const char* each;  // these may be empty
  const char* id;
  const char* date;
  Unit unit = Unit::seconds;
};

constexpr std::array presets = {
    Preset{"cloudtrail", Shape::json, "Records", "eventID", "eventTime"},
    // An event is unique by its source and id together.
    Preset{"cloudevents", Shape::json, "", "join(' ', [source, id])", "time"},
    // Records of any kind, one after the other without line breaks.
    Preset{"firehose", Shape::json, "", "", ""},
    Preset{"gharchive", Shape::lines, "", "id", "created_at"},
    Preset{"journald", Shape::lines, "", "__CURSOR", "__REALTIME_TIMESTAMP", Unit::microseconds},
    Preset{"otlp-json", Shape::json, "resourceLogs[].scopeLogs[].logRecords[]", "", "timeUnixNano",
           Unit::nanoseconds},
    // The parts of one request have its number; the sequencer tells versions of an object apart.
    Preset{"s3-notification", Shape::json, "Records",
           "join(' ', [eventName, s3.bucket.name, s3.object.key, "
           "responseElements.\"x-amz-request-id\"])",
           "eventTime"},
    // The uid is that of a connection, which has lines in several logs.
    Preset{"zeek", Shape::lines, "", "", "ts"},
};

Unit unit_of(const std::string& name) {
  if (name == "ms") return Unit::milliseconds;
  if (name == "us") return Unit::microseconds;
  if (name == "ns") return Unit::nanoseconds;
  return name == "auto" ? Unit::detect : Unit::seconds;
}

// The option, or else what the preset has.
std::optional<Expression> expression_of(const char* option, const Text& given, const char* preset) {
  if (given) return parse_expression(option, *given);
  if (*preset == '\0') return std::nullopt;
  return Expression(preset);
}

}  // namespace

std::vector<std::string> preset_names() {
  std::vector<std::string> names;
  for (const Preset& preset : presets) names.emplace_back(preset.name);
  return names;
}

LineRules parse_line_rules(const RecordArguments& arguments) {
  Preset preset{"", Shape::lines, "", "", ""};
  if (arguments.preset) {
    preset = *std::find_if(presets.begin(), presets.end(),
                           [&](const Preset& one) { return one.name == *arguments.preset; });
  }
  LineRules rules;
  rules.are_events = arguments.format == "event";
  if (rules.are_events && (arguments.id || arguments.date || arguments.each || arguments.preset)) {
    throw UsageError(
        "--format event has ids, dates and data in it: leave --id, --date, --each and --preset "
        "out");
  }
  rules.shape = preset.shape;
  if (arguments.input) {
    rules.shape = *arguments.input == "json"  ? Shape::json
                  : *arguments.input == "sse" ? Shape::sse
                                              : Shape::lines;
  }
  rules.each = expression_of("--each", arguments.each, preset.each);
  rules.id = expression_of("--id", arguments.id, preset.id);
  rules.date = expression_of("--date", arguments.date, preset.date);
  rules.are_text = arguments.text;
  if (rules.are_text && (rules.each || rules.are_events || rules.shape != Shape::lines)) {
    throw UsageError(
        "--text takes lines as they are: it goes with no --input, --each, --preset "
        "and --format event");
  }
  if (!rules.date && (arguments.date_unit || arguments.zone)) {
    throw UsageError("--date-unit and --zone go with --date");
  }
  // A date that is typed is in seconds, whatever the preset's own are in.
  rules.reading.unit = arguments.date ? Unit::seconds : preset.unit;
  if (arguments.date_unit) rules.reading.unit = unit_of(*arguments.date_unit);
  if (arguments.zone) rules.reading.zone = parse_zone("--zone", *arguments.zone);
  return rules;
}

}  // namespace flashflood::cli
