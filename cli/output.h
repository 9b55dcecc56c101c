// Standard output in large pieces, and messages on standard error.
//
// Threads: one thread at a time.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace flashflood::cli {

// Gathers what a command prints. Throws ClosedPipe when the reader has gone, and Failure when the
// bytes cannot be written (a full disk). Call flush() at the end: the destructor drops the rest.
class Output {
 public:
  // Where the next bytes go; call written() now and then.
  std::string& buffer() { return buffer_; }
  // Writes the buffer when it is large enough.
  void written() {
    if (buffer_.size() >= piece_bytes) flush();
  }
  void print(std::string_view text) {
    buffer_ += text;
    written();
  }
  void flush();
  // Throws ClosedPipe when the reader has gone, also with nothing to write.
  void check_reader() const;

 private:
  static constexpr std::size_t piece_bytes = std::size_t{512} << 10;
  std::string buffer_;
};

// Prints at once.
void print(std::string_view text);
// Prints what a command has changed. When that cannot be written, the Failure says that it was done
// all the same: `what_was_done` is "the event is recorded with id x".
void print_result(std::string_view what_was_done, std::string_view text);
// "flashflood: message" and a line break on standard error.
void print_message(std::string_view message);
// The text as it is on standard error.
void print_error_text(std::string_view text);

bool stdout_is_terminal();
bool stderr_is_terminal();

}  // namespace flashflood::cli
