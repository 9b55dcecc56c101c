// Random queries over streams, for tests.
//
// Threads: one at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace flashflood::query::testing {

// Expressions on {"events": [...]} and events to go with them, both from a seed.
class StreamGenerator {
 public:
  explicit StreamGenerator(std::uint64_t seed) : random_(seed) {}

  std::string expression() { return value(3); }
  std::vector<std::string> events() {
    std::vector<std::string> made;
    const std::size_t count = pick(4) == 0 ? pick(3) : pick(12);
    for (std::size_t i = 0; i < count; ++i) made.push_back(event());
    return made;
  }

 private:
  std::size_t pick(std::size_t count) { return random_() % count; }
  template <std::size_t n>
  std::string one_of(const char* const (&choices)[n]) {
    return choices[pick(n)];
  }

  std::string number() {
    return one_of({"0", "1", "2", "3", "-1", "1.5", "1.50", "1e1", "-0", "2.0", "10",
                   "9223372036854775807", "123456789012345678901"});
  }
  std::string text() {
    return one_of({"\"a\"", "\"b\"", "\"\"", "\"\\u00e9\\n\"", "\"b\\\"\"", "\"ab\""});
  }
  std::string event() {
    if (pick(12) == 0) return one_of({"null", "7", "\"a\"", "true", "[]", "{}"});
    if (pick(15) == 0) return "[" + event() + ", [" + event() + "]]";
    std::string json = "{\"n\": " + number() + ", \"s\": " + text();
    if (pick(2) == 0) json += ", \"m\": " + (pick(4) == 0 ? text() : number());
    if (pick(3) == 0) json += ", \"b\": " + one_of({"true", "false", "null"});
    if (pick(2) == 0)
      json += ", \"list\": [" + number() + ", {\"n\": " + number() + "}, [1, null]]";
    if (pick(5) == 0) json += ", \"list\": []";
    if (pick(3) == 0) json += ", \"o\": {\"n\": " + number() + ", \"s\": " + text() + "}";
    return json + "}";
  }

  std::string each() {
    return one_of({"n", "s", "m", "b", "list", "o.n", "o", "list[0]", "list[].n", "[n, s]",
                   "{a: n, b: o}", "*", "list[*]", "list[-1:]"});
  }
  std::string inner() {
    return one_of({"n", "s", "m", "o.n", "@", "type(@)", "length(s)", "abs(n)", "n > `1`",
                   "not_null(m, n)", "list[].n | [0]", "to_string(@)", "`5`", "[n, m]", "b || n"});
  }
  std::string key() {
    return one_of({"n", "s", "n", "s", "m", "not_null(m, n)", "type(@)", "o.n"});
  }
  std::string condition() {
    return one_of({"n > `1`", "s == 'a'", "b", "!b", "list", "m", "@", "contains(s, 'b')",
                   "n >= `0` && s != 'b'", "type(@) == 'object'", "!@", "o.n || m"});
  }
  std::string bound() {
    return pick(3) == 0 ? "" : one_of({"0", "1", "2", "5", "-1", "-2", "-4", "9", "-9"});
  }
  std::string slice() {
    std::string text = "[" + bound() + ":" + bound();
    if (pick(2) == 0)
      text += ":" + one_of({"1", "2", "3", "-1", "-2", "-1", "4611686018427387905"});
    return text + "]";
  }

  std::string stream(std::size_t depth) {
    if (depth == 0) return "events";
    const std::string of = stream(depth - 1);
    switch (pick(16)) {
      case 0:
        return of + "[*]." + each();
      case 1:
        return of + "[]." + each();
      case 2:
        return of + "[?" + condition() + "]";
      case 3:
        return of + "[?" + condition() + "]." + each();
      case 4:
        return of + slice();
      case 5:
        return of + " | " + slice();
      case 6:
        return "(" + of + ")" + slice() + "." + each();
      case 7:
        return "sort_by(" + of + ", &" + key() + ")";
      case 8:
        return "sort(" + of + ")";
      case 9:
        return "reverse(" + of + ")";
      case 10:
        return "map(&" + inner() + ", " + of + ")";
      case 11:
        return of + "[]";
      case 12:
        return of + " | [*]." + each();
      case 13:
        return of + " | [?" + condition() + "] | " + slice();
      case 14:
        return "(" + of + ")[]" + (pick(2) == 0 ? "[]" : ".list[]");
      default:
        return "not_null(to_array(" + of + "))";
    }
  }

  std::string fold(const std::string& of) {
    switch (pick(12)) {
      case 0:
        return "length(" + of + ")";
      case 1:
        return "sum(" + of + ")";
      case 2:
        return "avg(" + of + ")";
      case 3:
        return one_of({"min(", "max("}) + of + ")";
      case 4:
        return one_of({"min_by(", "max_by("}) + of + ", &" + key() + ")";
      case 5:
        return "(" + of + ") | " + one_of({"[0]", "[1]", "[-1]", "[-3]", "[4]", "[0].n", "s", "*"});
      case 6:
        return "contains(" + of + ", " + one_of({"`1`", "'a'", "`1.5`", "`null`", "`{}`"}) + ")";
      case 7:
        return "join('-', " + of + ")";
      case 8:
        return "type(" + of + ")";
      case 9:
        return "!(" + of + ")";
      case 10:
        return one_of({"keys(", "to_string(", "ceil(", "starts_with('a', "}) + of + ")";
      default:
        return "sum((" + of + ")[].n)";
    }
  }

  std::string value(std::size_t depth) {
    const std::string of = stream(pick(4));
    if (depth == 0) return pick(2) == 0 ? fold(of) : of;
    switch (pick(12)) {
      case 0:
        return of;
      case 1:
        return "[" + value(depth - 1) + ", " + value(depth - 1) + "]";
      case 2:
        return "{a: " + value(depth - 1) + ", b: " + value(depth - 1) + "}";
      case 3:
        return "(" + value(depth - 1) + ") || (" + value(depth - 1) + ")";
      case 4:
        return "(" + value(depth - 1) + ") && (" + value(depth - 1) + ")";
      case 5:
        return "(" + value(depth - 1) + ")" + one_of({" == ", " < ", " >= ", " != "}) + "(" +
               value(depth - 1) + ")";
      case 6:
        return "(" + of + ") | [length(@), @[0], " + one_of({"[?n].s", "sum([].n)", "'x'", "@"}) +
               "]";
      case 7:
        return one_of({"@", "foo", "*", "length(@)", "`3`", "events[0] | n", "[events, `2`]"});
      default:
        return fold(of);
    }
  }

  std::mt19937_64 random_;
};

}  // namespace flashflood::query::testing
