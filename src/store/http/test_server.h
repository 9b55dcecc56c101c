// An HTTP server on loopback for tests of the client: a handler answers each request with bytes.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace flashflood {

class TestServer {
 public:
  // Gets one request (head and body), sends what `handler` returns as it is. An empty string closes
  // the connection, as does "Connection: close" after it was sent. Each connection has a thread.
  using Handler = std::function<std::string(const std::string& request)>;

  // `greeting` is sent as soon as somebody connects.
  explicit TestServer(Handler handler, std::string greeting = "")
      : handler_(std::move(handler)), greeting_(std::move(greeting)) {
    listener_ = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
        ::listen(listener_, 64) != 0 ||
        ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
      throw std::runtime_error("no loopback server");
    }
    port_ = ntohs(address.sin_port);
    acceptor_ = std::thread([this] { accept_all(); });
  }

  ~TestServer() {
    stopping_ = true;
    ::shutdown(listener_, SHUT_RDWR);
    acceptor_.join();
    ::close(listener_);
    for (const int connection : sockets_) ::shutdown(connection, SHUT_RDWR);
    for (std::thread& thread : threads_) thread.join();
    for (const int connection : sockets_) ::close(connection);
  }

  TestServer(const TestServer&) = delete;
  TestServer& operator=(const TestServer&) = delete;

  int port() const { return port_; }
  std::string url(const std::string& path = "/") const {
    return "http://127.0.0.1:" + std::to_string(port_) + path;
  }
  int connections() const { return connections_; }

  static std::string answer(const std::string& body, const std::string& headers = "") {
    return "HTTP/1.1 200 OK\r\n" + headers + "Content-Length: " + std::to_string(body.size()) +
           "\r\n\r\n" + body;
  }

 private:
  void accept_all() {
    while (!stopping_) {
      const int connection = ::accept(listener_, nullptr, nullptr);
      if (connection < 0) return;
      ++connections_;
      sockets_.push_back(connection);
      threads_.emplace_back([this, connection] { serve(connection); });
    }
  }

  void serve(int connection) {
    std::string have;
    ::send(connection, greeting_.data(), greeting_.size(), MSG_NOSIGNAL);
    while (true) {
      std::size_t end = have.find("\r\n\r\n");
      std::size_t whole = std::string::npos;
      if (end != std::string::npos) {
        const std::size_t length = have.find("Content-Length: ");
        whole = end + 4 + (length < end ? std::stoul(have.substr(length + 16)) : 0);
      }
      if (have.size() >= whole) {
        const std::string sent = handler_(have.substr(0, whole));
        have.erase(0, whole);
        if (sent.empty()) break;
        if (::send(connection, sent.data(), sent.size(), MSG_NOSIGNAL) < 0) break;
        if (sent.find("Connection: close\r\n") != std::string::npos) break;
        continue;
      }
      char buffer[65536];
      const ssize_t got = ::recv(connection, buffer, sizeof(buffer), 0);
      if (got <= 0) break;
      have.append(buffer, static_cast<std::size_t>(got));
    }
    ::shutdown(connection, SHUT_RDWR);
  }

  const Handler handler_;
  const std::string greeting_;
  int listener_ = -1;
  int port_ = 0;
  std::atomic<bool> stopping_{false};
  std::atomic<int> connections_{0};
  std::thread acceptor_;
  // Of the acceptor's thread, and after it has ended of the destructor's.
  std::vector<std::thread> threads_;
  std::vector<int> sockets_;
};

}  // namespace flashflood
