// Floods and recorders as Python holds them.
//
// Threads: with the GIL held; it is released while the library waits or works.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string_view>

#include "bindings.h"
#include "waiting.h"

namespace flashflood::python {

// Something for one call, during which another thread may close its handle: the last of its users
// lets go of it, without the GIL.
template <typename T>
class InUse {
 public:
  // Throws InvalidArgument, with the message `closed`, when the handle is closed.
  InUse(const Held<std::shared_ptr<T>>& held, const char* closed) {
    if (const auto* const object = held.get()) object_ = *object;
    if (object_ == nullptr) throw InvalidArgument(closed);
  }
  ~InUse() { let_go(std::move(object_)); }
  InUse(const InUse&) = delete;
  InUse& operator=(const InUse&) = delete;
  T& operator*() const { return *object_; }
  T* operator->() const { return object_.get(); }

 private:
  std::shared_ptr<T> object_;
};

class FloodHandle {
 public:
  // What it is opened with travels when it is pickled, but for credentials. `credentials` is what
  // keeps the function that gives them (s3.h).
  FloodHandle(Flood flood, std::string url, OpenOptions options, nb::object credentials);

  template <typename Call>
  auto call(Call&& call) {
    const InUse<Flood> flood(flood_, "this flood is closed; open it again");
    return interruptibly([&] { return call(*flood); });
  }
  // Nothing can be called any more; what is under way, and recorders and replays, go on.
  void close();
  bool closed() const { return closed_; }
  // Where it is: a URL, or an absolute path.
  const std::string& url() const { return url_; }
  const OpenOptions& options() const { return options_; }

  // What keeps the function that gives the credentials (s3.h): what the flood makes keeps it too.
  const nb::object& credentials() const { return credentials_; }
  std::array<nb::handle, 1> held() const { return {credentials_}; }

 private:
  const std::string url_;
  const OpenOptions options_;
  const nb::object credentials_;
  bool closed_ = false;
  Held<std::shared_ptr<Flood>> flood_;  // no flood: closed
};

class RecorderHandle {
 public:
  RecorderHandle(Recorder recorder, nb::object credentials)
      : credentials_(std::move(credentials)),
        recorder_("recorder", std::make_shared<Recorder>(std::move(recorder))) {}
  // Gives a ResourceWarning when it was not closed.
  ~RecorderHandle();
  RecorderHandle(const RecorderHandle&) = delete;
  RecorderHandle& operator=(const RecorderHandle&) = delete;

  void put(nb::handle data, nb::handle id, nb::handle date, nb::handle json);
  // False, and nothing is taken, when put() would wait.
  bool try_put(nb::handle data, nb::handle id, nb::handle date, nb::handle json);
  void flush();
  // Flushes; nothing can be put any more.
  void close();
  // The end of a with block: flushes unless that ends with an error.
  void exit(nb::handle error);
  Recorder::Progress progress();
  std::array<nb::handle, 1> held() const { return {credentials_}; }

 private:
  const nb::object credentials_;
  Held<std::shared_ptr<Recorder>> recorder_;
};

}  // namespace flashflood::python
