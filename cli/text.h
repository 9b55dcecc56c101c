// Text for people and JSON for machines.
//
// Threads: pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "flashflood/event.h"

namespace flashflood::cli {

// For messages: the text in double quotes, control characters escaped, cut to about 80 bytes.
std::string quoted_text(std::string_view text);

// "1,234,567"
std::string human_count(std::uint64_t count);
// "0 B", "999 B", "1.2 MiB"
std::string human_bytes(std::uint64_t bytes);
// "850 us", "1.2 s", "3 min 20 s", "2 h"
std::string human_seconds(double seconds);
// "1 event", "2 events", "1,234 events"
std::string plural(std::uint64_t count, std::string_view one, std::string_view many = {});

// The candidate that somebody who typed `word` most likely meant, if one is close enough.
std::optional<std::string> closest(std::string_view word,
                                   const std::vector<std::string>& candidates);

// Columns padded to one width; those named in `right` (by index) are aligned to the right.
// The first row is the heading.
std::string table(const std::vector<std::vector<std::string>>& rows,
                  const std::vector<std::size_t>& right = {});

// The text as a JSON string, with its quotes. It must be UTF-8.
void append_json_string(std::string& out, std::string_view text);
// The texts, which must be UTF-8, as a JSON array.
std::string json_list(const std::vector<std::string>& texts);
// Base64 with padding (RFC 4648 section 4), without quotes.
void append_base64(std::string& out, std::string_view bytes);
// Appends what base64 with padding stands for; false, with nothing appended, for other text.
bool append_from_base64(std::string& out, std::string_view text);
// A JSON document without the blanks between its tokens. It must be JSON.
void append_compact_json(std::string& out, std::string_view json);

// One JSON object, member by member, in the order in which they are added.
class JsonObject {
 public:
  JsonObject& add(std::string_view key, std::string_view text);
  JsonObject& add(std::string_view key, const char* text) {
    return add(key, std::string_view(text));
  }
  JsonObject& add(std::string_view key, std::uint64_t number);
  JsonObject& add_real(std::string_view key, double number);
  JsonObject& add(std::string_view key, bool truth);
  JsonObject& add(std::string_view key, const std::optional<Timestamp>& date);
  // `json` is JSON already.
  JsonObject& add_json(std::string_view key, std::string_view json);
  std::string text() const { return text_ + "}"; }

 private:
  void begin(std::string_view key);
  std::string text_ = "{";
};

}  // namespace flashflood::cli
