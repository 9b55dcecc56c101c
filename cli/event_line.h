// Events as lines of text.
//
// Threads: one thread at a time.
#pragma once

#include <string>

#include "flashflood/event.h"
#include "flashflood/jmespath.h"

namespace flashflood::cli {

class EventWriter {
 public:
  enum class Form {
    data,   // the data alone
    event,  // {"id","date","revision","data"}, or "data_base64" where the data is not JSON
  };
  // `data_is_json`: every event's data is known to be JSON without line breaks.
  explicit EventWriter(Form form, bool data_is_json = false)
      : form_(form), data_is_json_(data_is_json) {}

  // Appends one line with its line break. Throws Failure, and appends nothing, when the data alone
  // is wanted, is not JSON and has line breaks.
  void append(std::string& out, const EventView& event);

 private:
  Form form_;
  bool data_is_json_;
  Evaluator json_;
};

}  // namespace flashflood::cli
