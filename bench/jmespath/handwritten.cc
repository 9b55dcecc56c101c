// simdjson On-Demand on one document after the other, in place.

#include "bench/jmespath/handwritten_answers.h"

namespace flashflood::bench {
namespace {

class HandWritten : public Contender {
 public:
  explicit HandWritten(const Question& question)
      : answer_(find_answer<OnDemand&>(question)), is_projection_(question.is_projection) {}

  void run(const Corpus& corpus, Sum& sum) override {
    for (const DocumentBlock& block : corpus.blocks()) {
      for (std::string_view json : block.documents) {
        OnDemand document = parser_.iterate(json.data(), json.size(), corpus.readable(json));
        out_.clear();
        if (answer_(document, out_)) sum.add(is_projection_ ? std::string_view(out_) : json);
      }
    }
  }

 private:
  Answer<OnDemand&> answer_;
  bool is_projection_;
  simdjson::ondemand::parser parser_;
  std::string out_;
};

}  // namespace

std::unique_ptr<Contender> make_handwritten(const Question& question) {
  return std::make_unique<HandWritten>(question);
}

}  // namespace flashflood::bench
