#include "store/http/proxy.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <map>

#include "flashflood/error.h"
#include "store/http/http_client.h"
#include "store/http/test_server.h"
#include "store/request_failed.h"

namespace flashflood {
namespace {

Variables from(std::map<std::string, std::string, std::less<>> values) {
  return [values = std::move(values)](std::string_view name) -> std::optional<std::string> {
    const auto found = values.find(name);
    return found == values.end() ? std::nullopt : std::optional(found->second);
  };
}

TEST(Proxy, ComesFromTheUsualVariables) {
  const auto variables = from({{"https_proxy", "tls"}, {"HTTP_PROXY", "plain"}});
  EXPECT_EQ(proxy_for("https://a/b", variables), "tls");
  EXPECT_EQ(proxy_for("http://a/b", variables), "plain");
  EXPECT_EQ(proxy_for("http://a/b", from({{"http_proxy", "small"}, {"HTTP_PROXY", "large"}})),
            "small");
  EXPECT_EQ(proxy_for("https://a", from({{"HTTPS_PROXY", "tls"}})), "tls");
  EXPECT_EQ(proxy_for("https://a", from({{"all_proxy", "all"}})), "all");
  EXPECT_EQ(proxy_for("http://a", from({{"ALL_PROXY", "all"}})), "all");
  EXPECT_EQ(proxy_for("http://a", from({})), "");
}

// In a CGI program anybody's "Proxy: evil" is HTTP_PROXY.
TEST(Proxy, InCapitalsNotUnderCgi) {
  const auto variables = from({{"HTTP_PROXY", "evil"}, {"REQUEST_METHOD", "GET"}});
  EXPECT_EQ(proxy_for("http://a", variables), "");
}

TEST(Proxy, IsLeftOutForSomeHosts) {
  const auto variables =
      from({{"http_proxy", "p"}, {"no_proxy", "localhost, .example,10.0.0.0/8"}});
  EXPECT_EQ(proxy_for("http://localhost:9000/b", variables), "");
  EXPECT_EQ(proxy_for("http://LOCALHOST/b", variables), "");
  EXPECT_EQ(proxy_for("http://s3.example/b", variables), "");
  EXPECT_EQ(proxy_for("http://example/b", variables), "");
  EXPECT_EQ(proxy_for("http://10.255.0.1:80/b", variables), "");
  EXPECT_EQ(proxy_for("http://user@10.255.0.1:80/b", variables), "");
  EXPECT_EQ(proxy_for("http://11.0.0.1/b", variables), "p");
  EXPECT_EQ(proxy_for("http://badexample/b", variables), "p");
  EXPECT_TRUE(is_excepted("anything", "a b *"));
  EXPECT_TRUE(is_excepted("::1", "[::1]"));
  EXPECT_TRUE(is_excepted("fd00::1", "fd00::/8"));
  EXPECT_FALSE(is_excepted("fe00::1", "fd00::/8"));
  EXPECT_FALSE(is_excepted("10.0.0.1", "0.0.1"));
  EXPECT_FALSE(is_excepted("a", ", ,"));
  EXPECT_FALSE(is_excepted("10.0.0.1", "10.0.0.0/33"));
}

TEST(Proxy, IsShownWithoutItsPassword) {
  EXPECT_EQ(shown_proxy("http://user:pass@word@host:3128"), "\"http://host:3128\"");
  EXPECT_EQ(shown_proxy("host:3128"), "\"host:3128\"");
  EXPECT_EQ(shown_proxy("user:secret@host"), "\"host\"");
}

// Sets a variable of the process for as long as it lives.
class Variable {
 public:
  Variable(const char* name, const std::string& value) : name_(name) {
    ::setenv(name, value.c_str(), 1);
  }
  ~Variable() { ::unsetenv(name_); }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  const char* const name_;
};

TEST(HttpClientBehindAProxy, NamesADeadOne) {
  const Variable dead("http_proxy", "http://user:secret@127.0.0.1:1");
  try {
    make_http_client()->send({"GET", "http://s3.example/a"});
    FAIL();
  } catch (const RequestFailed& error) {
    const std::string message = error.what();
    EXPECT_NE(message.find("proxy \"http://127.0.0.1:1\""), std::string::npos) << message;
    EXPECT_EQ(message.find("secret"), std::string::npos) << message;
    EXPECT_EQ(error.effect(), RequestFailed::Effect::none);
  }
}

TEST(HttpClientBehindAProxy, NamesOneThatWantsCredentials) {
  TestServer proxy([](const std::string&) {
    return "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\n"
           "Content-Length: 0\r\nConnection: close\r\n\r\n";
  });
  for (const char* const scheme : {"http", "https"}) {
    const Variable variable(scheme == std::string("http") ? "HTTP_PROXY" : "HTTPS_PROXY",
                            proxy.url(""));
    try {
      make_http_client()->send({"GET", scheme + std::string("://s3.example/a")});
      FAIL();
    } catch (const PermissionDenied& error) {
      const std::string message = error.what();
      EXPECT_NE(message.find(proxy.url("")), std::string::npos) << message;
      EXPECT_NE(message.find("407"), std::string::npos) << message;
    }
  }
}

TEST(HttpClientBehindAProxy, AsksThroughIt) {
  std::string asked;
  TestServer proxy([&](const std::string& request) {
    asked = request.substr(0, request.find('\r'));
    return TestServer::answer("hello");
  });
  const Variable variable("HTTP_PROXY", proxy.url(""));
  EXPECT_EQ(make_http_client()->send({"GET", "http://s3.example/a"}).body, "hello");
  EXPECT_EQ(asked, "GET http://s3.example/a HTTP/1.1");
  HttpRequest direct{"GET", proxy.url("/b")};
  direct.use_proxy = false;
  make_http_client()->send(direct);
  EXPECT_EQ(asked, "GET /b HTTP/1.1");
  const Variable none("NO_PROXY", "127.0.0.1");
  make_http_client()->send({"GET", proxy.url("/c")});
  EXPECT_EQ(asked, "GET /c HTTP/1.1");
}

}  // namespace
}  // namespace flashflood
