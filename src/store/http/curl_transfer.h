// One transfer of libcurl: a request on its way out, an answer on its way in.
//
// Threads: one at a time.
#pragma once

#include <curl/curl.h>

#include <exception>
#include <memory>
#include <string>

#include "store/http/http_client.h"

namespace flashflood {

class CurlTransfer {
 public:
  CurlTransfer();

  // Prepares the handle for `request`, which must live until the transfer has ended.
  void begin(const HttpRequest& request, const HttpClientOptions& options);
  CURL* handle() const { return handle_.get(); }
  bool answering() const { return answering_; }

  // After the transfer has ended with `code`: the answer, or throws why there is none.
  HttpResponse finish(CURLcode code);

 private:
  static std::size_t on_header(char* bytes, std::size_t size, std::size_t count, void* self);
  static int on_send(void* self, char* to, char* from, int to_port, int from_port);
  static std::size_t on_body(char* bytes, std::size_t size, std::size_t count, void* self);
  // Whether `call` gave true. libcurl's frames are C: what it throws is kept until finish().
  template <typename Call>
  bool shielded(Call call) noexcept;
  bool take_header(std::string_view line);
  bool take_body(std::string_view bytes);
  void check_proxy() const;
  [[noreturn]] void fail(CURLcode code) const;

  struct FreeHandle {
    void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
  };
  struct FreeList {
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
  };

  std::unique_ptr<CURL, FreeHandle> handle_;
  std::unique_ptr<curl_slist, FreeList> headers_;
  const HttpRequest* request_ = nullptr;
  HttpResponse response_;
  std::string proxy_;           // with its password; empty: none
  bool sent_ = false;           // libcurl has begun to send the request
  bool answering_ = false;      // the first byte of an answer is here
  std::string refusal_;         // why a callback stopped the transfer
  std::exception_ptr problem_;  // what a callback threw
};

// "host:port" of a URL, for messages: never what follows, nor a user's name.
std::string host_of(std::string_view url);

}  // namespace flashflood
