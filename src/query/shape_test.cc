// Documents that are built alike: what is known of one must not be said of another.

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "query/matcher.h"

namespace flashflood::query {
namespace {

// What a matcher says of documents that lie side by side.
std::vector<std::string> answers_of(const Question& question,
                                    const std::vector<std::string>& documents) {
  std::string block;
  for (const auto& document : documents) block += document;
  std::vector<std::string_view> views;
  std::size_t begin = 0;
  for (const auto& document : documents) {
    views.push_back(std::string_view(block).substr(begin, document.size()));
    begin += document.size();
  }
  Matcher matcher;
  matcher.begin(question, views);
  std::vector<std::string> answers;
  for (std::size_t i = 0; i < documents.size(); ++i) {
    std::string out = "kept ";
    try {
      const auto verdict = matcher.next(out);
      if (verdict == Matcher::Verdict::filtered) out = "filtered";
      if (verdict == Matcher::Verdict::not_json) out = "not JSON";
    } catch (const QueryError& error) {
      out = error.what();
    }
    answers.push_back(out);
  }
  return answers;
}

// The answer on `document` after some that are like `model`.
std::string after(const std::string& model, const std::string& document,
                  std::string_view expression, bool is_filter = false) {
  Question question;
  (is_filter ? question.where : question.query) = Expression::compile(expression);
  return answers_of(question, {model, model, model, document}).back();
}

TEST(Shape, NamesAreLookedAt) {
  const std::string model = R"({"a":1,"b":{"c":2,"long_name_1":3},"d":[4,{"e":5}]})";
  EXPECT_EQ(after(model, R"({"a":6,"b":{"c":7,"long_name_1":8},"d":[9,{"e":10}]})",
                  "[a, b.c, b.long_name_1, d[1].e]"),
            "kept [6,7,8,10]");
  EXPECT_EQ(after(model, R"({"b":6,"a":{"c":7,"long_name_1":8},"d":[9,{"e":10}]})", "[a, b.c]"),
            R"(kept [{"c":7,"long_name_1":8},null])");
  EXPECT_EQ(after(model, R"({"a":6,"b":{"x":7,"long_name_2":8},"d":[9,{"f":10}]})",
                  "[b.c, b.long_name_1, b.long_name_2, d[1].e]"),
            "kept [null,null,8,null]");
  EXPECT_EQ(
      after(model, R"({"a":6,"b":{"c":7,"long_name_2":8},"d":[9,{"e":10}]})", "b.long_name_2"),
      "kept 8");
}

TEST(Shape, LastOfEqualKeysCounts) {
  const std::string model = R"({"a":1,"b":2,"long_name_1":3,"c":{"a":4,"d":5}})";
  EXPECT_EQ(after(model, R"({"a":1,"a":2,"long_name_1":3,"c":{"a":4,"d":5}})", "a"), "kept 2");
  EXPECT_EQ(after(model, R"({"a":1,"b":2,"a":3,"c":{"a":4,"d":5}})", "a"), "kept 3");
  EXPECT_EQ(after(model, R"({"a":1,"b":2,"long_name_1":3,"a":{"a":4,"d":5}})", "a.a"), "kept 4");
  EXPECT_EQ(after(model, R"({"a":1,"b":2,"long_name_1":3,"c":{"d":4,"d":5}})", "c.d"), "kept 5");
  EXPECT_EQ(
      after(model, R"({"long_name_2":1,"b":2,"long_name_2":3,"c":{"d":4,"d":5}})", "long_name_2"),
      "kept 3");
  // Spelt with an escape, of the same length.
  const std::string escaped = R"({"name":1,"longer_nam":2,"d":3})";
  EXPECT_EQ(after(escaped, R"({"name":1,"n\u0061me":2,"d":3})", "name"), "kept 2");
  EXPECT_EQ(after(escaped, R"({"n\u0061me":1,"longer_nam":2,"d":3})", "name"), "kept 1");
  EXPECT_EQ(after(escaped, R"({"n\u0061me":1,"longer_nam":2,"d":3})", "name == `1`", true),
            "kept ");
}

TEST(Shape, ValuesAreChecked) {
  const std::string model = R"({"a":"x","b":10,"c":true,"d":[1.5,null]})";
  EXPECT_EQ(after(model, R"({"a":"x","b":-1.5e+10,"c":null,"d":[0,false]})", "[b, d[0]]"),
            "kept [-1.5e+10,0]");
  for (const char* scalar : {"01", "1.", ".5", "-", "1.5.5", "tru", "nulll", "True", "1e", "0x1",
                             "1 2", "+1", "00", "1a"}) {
    EXPECT_EQ(
        after(model, std::string(R"({"a":"x","b":)") + scalar + R"(,"c":true,"d":[1,2]})", "a"),
        "not JSON")
        << scalar;
  }
  for (const char* scalar : {"0", "7", "0.5", "10.25", "12345678", "123456789", "-0", "false",
                             "1E5", "1234.567", "100000000000000000000"}) {
    EXPECT_EQ(
        after(model, std::string(R"({"a":"x","b":)") + scalar + R"( ,"c":true,"d":[1,2]})", "b"),
        std::string("kept ") + scalar);
  }
  EXPECT_EQ(after(model, R"({"a":"\x","b":10,"c":true,"d":[1.5,null]})", "b"), "not JSON");
  EXPECT_EQ(after(model, R"({"a":"\n","b":10,"c":true,"d":[1.5,null]})", "a"), R"(kept "\n")");
}

// Whatever a matcher has seen before, it says what one says that has seen nothing.
TEST(Shape, SeenDocumentsChangeNoAnswer) {
  std::mt19937 random(11);
  const std::vector<std::string> names = {"a",         "b",         "name", "n\\u0061me",
                                          "aaaaaaaab", "aaaaaaaac", ""};
  const std::vector<std::string> scalars = {"1", "\"x\"", "null", "01", "\"\\n\"", "2.5"};
  auto pick = [&](const auto& list, std::size_t usual) {
    // Mostly one of the first.
    return list[random() % (random() % 4 == 0 ? list.size() : usual)];
  };
  auto object = [&](auto& self, int depth) -> std::string {
    std::string text = "{";
    for (std::size_t i = 0, size = 2 + random() % 2; i < size; ++i) {
      text += (i == 0 ? "\"" : ",\"") + pick(names, 3) + "\":";
      text += depth == 0 ? pick(scalars, 2)
                         : (random() % 2 == 0 ? self(self, depth - 1) : pick(scalars, 2));
    }
    return text + "}";
  };
  for (const char* expression : {"a", "[a, b]", "name.a", "[name, a.name, b.a.b]",
                                 "aaaaaaaab.aaaaaaaac", R"("".a)", "[a.aaaaaaaac, aaaaaaaab]"}) {
    std::vector<std::string> documents;
    for (int i = 0; i < 1500; ++i) documents.push_back(object(object, 2));
    for (bool is_filter : {false, true}) {
      Question question;
      (is_filter ? question.where : question.query) = Expression::compile(
          is_filter ? std::string(expression) + " == `1` && b != 'x'" : expression);
      const auto found = answers_of(question, documents);
      for (std::size_t i = 0; i < documents.size(); ++i) {
        ASSERT_EQ(found[i], answers_of(question, {documents[i]}).front())
            << expression << " on " << documents[i];
      }
    }
  }
}

}  // namespace
}  // namespace flashflood::query
