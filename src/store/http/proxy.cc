#include "store/http/proxy.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <initializer_list>

#include "base/text.h"

namespace flashflood {
namespace {

// The host of a URL, in lower case; of an IPv6 address what stands in the brackets.
std::string bare_host(std::string_view url) {
  const std::size_t scheme = url.find("://");
  if (scheme != url.npos) url.remove_prefix(scheme + 3);
  url = url.substr(0, url.find_first_of("/?#"));
  const std::size_t user = url.rfind('@');
  if (user != url.npos) url.remove_prefix(user + 1);
  if (url.starts_with('[')) return to_lower(url.substr(1, url.find(']') - 1));
  return to_lower(url.substr(0, url.find(':')));
}

using Address = std::array<std::uint8_t, 16>;

// The bytes of an address, and how many bits it has; nothing for another text.
std::optional<unsigned> parse_address(const std::string& text, Address& address) {
  if (inet_pton(AF_INET, text.c_str(), address.data()) == 1) return 32;
  if (inet_pton(AF_INET6, text.c_str(), address.data()) == 1) return 128;
  return std::nullopt;
}

bool is_in_network(std::string_view host, std::string_view network) {
  const std::size_t slash = network.find('/');
  const auto wanted = parse_decimal(network.substr(slash + 1));
  Address base{}, address{};
  const auto base_bits = parse_address(std::string(network.substr(0, slash)), base);
  const auto host_bits = parse_address(std::string(host), address);
  if (!wanted || !base_bits || host_bits != base_bits || *wanted > *base_bits) return false;
  for (unsigned bit = 0; bit < *wanted; ++bit) {
    const unsigned mask = 0x80U >> (bit % 8);
    if ((base[bit / 8] & mask) != (address[bit / 8] & mask)) return false;
  }
  return true;
}

bool matches(const std::string& host, std::string_view name) {
  if (name == "*") return true;
  if (name.find('/') != name.npos) return is_in_network(host, name);
  if (name.starts_with('[') && name.ends_with(']')) name = name.substr(1, name.size() - 2);
  while (name.starts_with('.')) name.remove_prefix(1);
  while (name.ends_with('.')) name.remove_suffix(1);
  if (name.empty()) return false;
  const std::string wanted = to_lower(name);
  Address address{};
  if (parse_address(host, address)) return host == wanted;
  return host == wanted || host.ends_with('.' + wanted);
}

}  // namespace

bool is_excepted(std::string_view host, std::string_view no_proxy) {
  std::string wanted = to_lower(host);
  while (wanted.ends_with('.')) wanted.pop_back();
  constexpr std::string_view separators = ", \t";
  while (!no_proxy.empty()) {
    const std::size_t end = std::min(no_proxy.find_first_of(separators), no_proxy.size());
    if (end > 0 && matches(wanted, no_proxy.substr(0, end))) return true;
    no_proxy.remove_prefix(std::min(end + 1, no_proxy.size()));
  }
  return false;
}

std::string proxy_for(std::string_view url, const Variables& variables) {
  const auto first = [&](std::initializer_list<std::string_view> names) {
    std::optional<std::string> value;
    for (const std::string_view name : names) {
      if (!value) value = variables(name);
    }
    return value;
  };
  const bool tls = to_lower(url.substr(0, 6)) == "https:";
  std::optional<std::string> proxy = first({tls ? "https_proxy" : "http_proxy"});
  const bool anybodys = !tls && variables("REQUEST_METHOD");
  if (!proxy && !anybodys) proxy = first({tls ? "HTTPS_PROXY" : "HTTP_PROXY"});
  if (!proxy) proxy = first({"all_proxy", "ALL_PROXY"});
  if (!proxy) return {};
  const std::optional<std::string> excepted = first({"no_proxy", "NO_PROXY"});
  return excepted && is_excepted(bare_host(url), *excepted) ? std::string() : *proxy;
}

std::string proxy_for(std::string_view url) {
  return proxy_for(url, [](std::string_view name) -> std::optional<std::string> {
    const char* const value = std::getenv(std::string(name).c_str());
    if (value == nullptr || *value == '\0') return std::nullopt;
    return std::string(value);
  });
}

std::string shown_proxy(std::string_view proxy) {
  const std::size_t scheme = proxy.find("://");
  const std::size_t begin = scheme == proxy.npos ? 0 : scheme + 3;
  const std::size_t user = proxy.rfind('@');
  std::string shown(proxy.substr(0, begin));
  shown += proxy.substr(user == proxy.npos || user < begin ? begin : user + 1);
  return quote(shown, 200);
}

}  // namespace flashflood
