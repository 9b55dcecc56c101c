#include "store/http/http_client.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <stdexcept>

#include "base/environment.h"
#include "flashflood/error.h"
#include "store/http/test_server.h"
#include "store/request_failed.h"

namespace flashflood {
namespace {

using namespace std::chrono_literals;
using Effect = RequestFailed::Effect;

struct Failure {
  std::string message;
  Effect effect = Effect::none;
};

Failure failure_of(const HttpRequest& request, const HttpClientOptions& options = {}) {
  try {
    make_http_client(options)->send(request);
  } catch (const RequestFailed& error) {
    return {error.what(), error.effect()};
  }
  ADD_FAILURE() << "an answer from " << request.url;
  return {};
}

TEST(HttpClient, SendsWhatItIsToldAndNoMore) {
  std::vector<std::string> seen;
  TestServer server([&](const std::string& request) {
    seen.push_back(request);
    return TestServer::answer("hello", "X-One: 1\r\nx-two:  two \r\n");
  });
  const auto client = make_http_client();
  HttpResponse response = client->send({"GET", server.url("/a/../b?x=%2F"), {{"X-Mine", "v"}}});
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, "hello");
  EXPECT_EQ(response.header("x-one"), "1");
  EXPECT_EQ(response.header("x-two"), "two");
  EXPECT_FALSE(response.header("x-three"));
  EXPECT_TRUE(seen[0].starts_with("GET /a/../b?x=%2F HTTP/1.1\r\n")) << seen[0];
  EXPECT_NE(seen[0].find("\r\nX-Mine: v\r\n"), std::string::npos);

  client->send({"PUT", server.url(), {}, "body"});
  EXPECT_TRUE(seen[1].starts_with("PUT / HTTP/1.1\r\n"));
  EXPECT_TRUE(seen[1].ends_with("\r\n\r\nbody"));
  EXPECT_EQ(seen[1].find("Content-Type"), std::string::npos);
  client->send({"PUT", server.url(), {}, ""});
  EXPECT_NE(seen[2].find("Content-Length: 0\r\n"), std::string::npos) << seen[2];
  client->send({"POST", server.url(), {{"Content-Type", "text/plain"}}, Bytes(3'000'000, 'x')});
  EXPECT_EQ(seen[3].find("Expect"), std::string::npos);
  EXPECT_NE(seen[3].find("Content-Type: text/plain\r\n"), std::string::npos);
  client->send({"DELETE", server.url()});
  EXPECT_TRUE(seen[4].starts_with("DELETE / "));
  EXPECT_EQ(server.connections(), 1);  // kept
}

TEST(HttpClient, HeadersCannotBeSmuggledIn) {
  const auto client = make_http_client();
  EXPECT_THROW(client->send({"GET", "http://127.0.0.1:1/", {{"X", "a\r\nY: b"}}}), InvalidArgument);
}

TEST(HttpClient, HeadHasNoBody) {
  TestServer server([](const std::string&) {
    return "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\nDate: now\r\n\r\n";
  });
  const HttpResponse response = make_http_client()->send({"HEAD", server.url()});
  EXPECT_EQ(response.header("content-length"), "1000");
  EXPECT_EQ(response.body, "");
}

TEST(HttpClient, ErrorsOfServersAreAnswers) {
  TestServer server([](const std::string&) {
    return "HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 2\r\n\r\nno";
  });
  const HttpResponse response = make_http_client()->send({"GET", server.url()});
  EXPECT_EQ(response.status, 302);
  EXPECT_EQ(response.body, "no");
}

TEST(HttpClient, WritesIntoPlace) {
  TestServer server([](const std::string&) { return TestServer::answer("0123456789"); });
  Bytes place(10, '.');
  HttpRequest request{"GET", server.url()};
  request.body_into = place;
  const HttpResponse response = make_http_client()->send(request);
  EXPECT_EQ(response.bytes_into, 10U);
  EXPECT_EQ(response.body, "");
  EXPECT_EQ(place, "0123456789");
  request.body_into = std::span(place).first(9);
  EXPECT_NE(failure_of(request).message.find("longer"), std::string::npos);
}

TEST(HttpClient, AnswersAreBounded) {
  TestServer server([](const std::string& request) {
    const bool headers = request.starts_with("GET /headers");
    return headers ? "HTTP/1.1 200 OK\r\nX: " + std::string(90'000, 'x') + "\r\n\r\n"
                   : TestServer::answer(Bytes(100'000, 'x'));
  });
  HttpRequest request{"GET", server.url()};
  request.response_bytes_max = 99'999;
  EXPECT_NE(failure_of(request).message.find("longer"), std::string::npos);
  request.response_bytes_max = 100'000;
  EXPECT_EQ(make_http_client()->send(request).body.size(), 100'000U);
  request.url = server.url("/headers");
  failure_of(request);
}

TEST(HttpClient, ACutAnswerIsNoAnswer) {
  TestServer server([](const std::string& request) -> std::string {
    if (request.starts_with("GET /nothing")) return "";
    return "HTTP/1.1 200 OK\r\nContent-Length: 100\r\nConnection: close\r\n\r\nhalf";
  });
  HttpRequest request{"GET", server.url("/nothing")};
  EXPECT_EQ(failure_of(request).effect, Effect::unknown);
  request.url = server.url("/half");
  EXPECT_EQ(failure_of(request).effect, Effect::unknown);
}

TEST(HttpClient, StalledTransfersAreCut) {
  std::atomic<bool> stop = false;
  TestServer server([&](const std::string&) {
    while (!stop) std::this_thread::sleep_for(5ms);
    return std::string();
  });
  HttpRequest request{"GET", server.url("/?X-Amz-Signature=abc")};
  request.total_timeout = 300ms;
  const Failure failure = failure_of(request);
  stop = true;
  EXPECT_EQ(failure.effect, Effect::unknown);
  EXPECT_NE(failure.message.find("127.0.0.1:"), std::string::npos) << failure.message;
  EXPECT_NE(failure.message.find("time"), std::string::npos);
  EXPECT_EQ(failure.message.find("Signature"), std::string::npos);
}

TEST(HttpClient, SaysWhyThereIsNoConnection) {
  Failure failure = failure_of({"GET", "http://127.0.0.1:1/"});
  EXPECT_EQ(failure.effect, Effect::none);
  EXPECT_NE(failure.message.find("no connection"), std::string::npos) << failure.message;
  failure = failure_of({"GET", "http://no-such-host.invalid/"});
  EXPECT_EQ(failure.effect, Effect::none);
  EXPECT_NE(failure.message.find("DNS"), std::string::npos) << failure.message;
  TestServer server([](const std::string&) { return std::string(); }, "this is no TLS\r\n");
  failure = failure_of({"GET", "https" + server.url().substr(4)});
  EXPECT_EQ(failure.effect, Effect::none);
  EXPECT_NE(failure.message.find("TLS"), std::string::npos) << failure.message;
  HttpClientOptions options;
  options.ca_bundle = "/does/not/exist.pem";
  try {
    make_http_client(options)->send({"GET", "https" + server.url().substr(4)});
    ADD_FAILURE() << "an answer though nothing can be trusted";
  } catch (const PermissionDenied& error) {  // not StoreUnavailable, which would be tried again
    EXPECT_NE(std::string(error.what()).find("AWS_CA_BUNDLE"), std::string::npos) << error.what();
  }
  EXPECT_THROW(make_http_client()->send({"GET", "ftp://127.0.0.1/"}), InvalidArgument);
  EXPECT_THROW(make_http_client()->send({"GET", "http://a b/"}), InvalidArgument);
}

// As for OpenSSL and curl; what the caller says goes first.
TEST(HttpClient, TakesCertificatesFromTheUsualVariable) {
  TestServer server([](const std::string&) { return std::string(); }, "this is no TLS\r\n");
  const HttpRequest request{"GET", "https" + server.url().substr(4)};
  ::setenv("SSL_CERT_FILE", "/no/such/file.pem", 1);
  std::string from_variable;
  try {
    make_http_client()->send(request);
  } catch (const PermissionDenied& error) {
    from_variable = error.what();
  }
  HttpClientOptions options;
  options.ca_bundle = "/etc/ssl/certs/ca-certificates.crt";
  const auto from_caller = failure_of(request, options);
  ::unsetenv("SSL_CERT_FILE");
  EXPECT_NE(from_variable.find("SSL_CERT_FILE"), std::string::npos) << from_variable;
  EXPECT_NE(from_variable, from_caller.message);
}

TEST(HttpClient, HedgesWhenNoAnswerComes) {
  std::atomic<int> requests = 0;
  std::atomic<bool> stop = false;
  TestServer server([&](const std::string&) {
    if (requests++ == 0) {
      while (!stop) std::this_thread::sleep_for(1ms);
      return TestServer::answer("first");
    }
    return TestServer::answer("second");
  });
  const auto client = make_http_client();
  HttpRequest request{"GET", server.url()};
  request.hedge_after = 20ms;
  int hedges = 0;
  request.on_hedge = [&] { ++hedges; };
  EXPECT_EQ(client->send(request).body, "second");
  EXPECT_EQ(hedges, 1);
  client->send(request);  // in time: one is enough
  EXPECT_EQ(hedges, 1);
  EXPECT_EQ(requests, 3);
  stop = true;
}

TEST(HttpClient, AFailedHedgeLeavesTheOther) {
  std::atomic<int> requests = 0;
  TestServer server([&](const std::string&) -> std::string {
    if (requests++ != 0) return "";
    std::this_thread::sleep_for(150ms);
    return TestServer::answer("first");
  });
  HttpRequest request{"GET", server.url()};
  request.hedge_after = 20ms;
  EXPECT_EQ(make_http_client()->send(request).body, "first");
}

TEST(HttpClient, TellsWhenAKeptConnectionMadeItSendTwice) {
  std::atomic<int> requests = 0;
  TestServer server([&](const std::string&) -> std::string {
    return ++requests == 2 ? "" : TestServer::answer("here");  // the second one finds it closing
  });
  const auto client = make_http_client();
  HttpRequest request{"GET", server.url()};
  int resends = 0;
  request.on_resend = [&] { ++resends; };
  EXPECT_EQ(client->send(request).body, "here");
  EXPECT_EQ(resends, 0);
  EXPECT_EQ(client->send(request).body, "here");
  EXPECT_EQ(resends, 1);
  EXPECT_EQ(requests, 1 + 1 + resends);
}

TEST(HttpClient, WhatIsThrownWhileAnAnswerComesReachesTheCaller) {
  TestServer server([](const std::string& request) {
    return request.starts_with("GET /closed") ? "" : TestServer::answer("here");
  });
  const auto client = make_http_client();
  client->send({"GET", server.url()});
  HttpRequest closed{"GET", server.url("/closed")};
  closed.on_resend = [] { throw std::runtime_error("the caller's"); };
  EXPECT_THROW(client->send(closed), std::runtime_error);
  EXPECT_EQ(client->send({"GET", server.url()}).body, "here");
}

TEST(HttpClient, ManyThreadsSendAtOnce) {
  TestServer server([](const std::string& request) {
    return TestServer::answer(request.substr(0, request.find(" HTTP")));
  });
  const auto client = make_http_client();
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 30; ++i) {
        const std::string path = "/" + std::to_string(t) + "/" + std::to_string(i);
        EXPECT_EQ(client->send({"GET", server.url(path)}).body, "GET " + path);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_LE(server.connections(), 8);
}

}  // namespace
}  // namespace flashflood
