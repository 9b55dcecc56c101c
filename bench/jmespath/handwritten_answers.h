// What somebody would write by hand for each question, with simdjson On-Demand: fields in the order
// of the events, out at the first that decides. Scalars are printed as they are written.
//
// Threads: pure functions.
#pragma once

#include <simdjson.h>

#include <string>
#include <string_view>

#include "bench/jmespath/contender.h"

namespace flashflood::bench {

using OnDemand = simdjson::ondemand::document;
// Whether the document is kept; a projection puts its result into `out`. Throws simdjson_error.
template <typename Document>
using Answer = bool (*)(Document&& document, std::string& out);

inline std::string_view raw(simdjson::simdjson_result<simdjson::ondemand::value> value) {
  return value.raw_json_token().value();
}

template <typename Document>
bool retail_one_field(Document&& document, std::string&) {
  return document.find_field("country").get_string().value() == "France";
}
template <typename Document>
bool retail_three_fields(Document&& document, std::string&) {
  if (document.find_field("quantity").get_double().value() <= 10) return false;
  if (document.find_field("unit_price").get_double().value() >= 2) return false;
  return document.find_field("country").get_string().value() == "Germany";
}
template <typename Document>
bool retail_projection(Document&& document, std::string& out) {
  out.push_back('[');
  out.append(raw(document.find_field("invoice"))).push_back(',');
  out.append(raw(document.find_field("stock_code"))).push_back(',');
  out.append(raw(document.find_field("quantity"))).push_back(',');
  out.append(raw(document.find_field("country"))).push_back(']');
  return true;
}
template <typename Document>
bool orders_one_field(Document&& document, std::string&) {
  return document.find_field("user")
             .find_field("address")
             .find_field("country")
             .get_string()
             .value() == "FR";
}
template <typename Document>
bool orders_three_fields(Document&& document, std::string&) {
  if (document.find_field("kind").get_string().value() != "purchase") return false;
  if (document.find_field("user")
          .find_field("address")
          .find_field("country")
          .get_string()
          .value() != "DE") {
    return false;
  }
  return document.find_field("payment").find_field("total").get_double().value() > 100;
}
template <typename Document>
bool orders_projection(Document&& document, std::string& out) {
  out.push_back('[');
  out.append(raw(document.find_field("id"))).push_back(',');
  out.append(raw(document.find_field("user").find_field("name"))).push_back(',');
  out.append(raw(document.find_field("items").at(0).find_field("sku"))).push_back(',');
  out.append(raw(document.find_field("payment").find_field("total"))).push_back(']');
  return true;
}

template <typename Document>
Answer<Document> find_answer(const Question& question) {
  bool is_retail = question.corpus == "retail";
  if (question.is_projection) {
    return is_retail ? retail_projection<Document> : orders_projection<Document>;
  }
  if (question.title.starts_with("one field")) {
    return is_retail ? retail_one_field<Document> : orders_one_field<Document>;
  }
  return is_retail ? retail_three_fields<Document> : orders_three_fields<Document>;
}

}  // namespace flashflood::bench
