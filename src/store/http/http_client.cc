#include "store/http/http_client.h"

namespace flashflood {

std::optional<std::string_view> HttpResponse::header(std::string_view name) const {
  for (const HttpHeader& header : headers) {
    if (header.name == name) return header.value;
  }
  return std::nullopt;
}

}  // namespace flashflood
