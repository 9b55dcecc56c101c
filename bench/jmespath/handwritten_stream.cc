// simdjson On-Demand on a stream of lines, which it scans a megabyte at a time.

#include "bench/jmespath/handwritten_answers.h"

namespace flashflood::bench {
namespace {

using Reference = simdjson::ondemand::document_reference;

class HandWrittenStream : public Contender {
 public:
  explicit HandWrittenStream(const Question& question)
      : answer_(find_answer<Reference&>(question)), is_projection_(question.is_projection) {
#ifdef SIMDJSON_THREADS_ENABLED
    parser_.threaded = false;
#endif
  }

  void run(const Corpus& corpus, Sum& sum) override {
    std::string_view lines = corpus.lines();
    simdjson::ondemand::document_stream stream =
        parser_.iterate_many(lines.data(), lines.size(), batch_bytes);
    for (auto document = stream.begin(); document != stream.end(); ++document) {
      out_.clear();
      Reference reference = (*document).value();
      if (!answer_(reference, out_)) continue;
      if (is_projection_) {
        sum.add(out_);
      } else {
        std::size_t begin = document.current_index();
        sum.add(lines.substr(begin, lines.find('\n', begin) - begin));
      }
    }
  }

 private:
  static constexpr std::size_t batch_bytes = 256 * 1024;

  Answer<Reference&> answer_;
  bool is_projection_;
  simdjson::ondemand::parser parser_;
  std::string out_;
};

}  // namespace

std::unique_ptr<Contender> make_handwritten_stream(const Question& question) {
  return std::make_unique<HandWrittenStream>(question);
}

}  // namespace flashflood::bench
