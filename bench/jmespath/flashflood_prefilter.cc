// FlashFlood as a replay asks where raw bytes rule documents out before they are parsed.

#include "bench/jmespath/contender.h"
#include "query/filter/prefilter.h"
#include "query/matcher.h"

namespace flashflood::bench {
namespace {

class Prefiltered : public Contender {
 public:
  explicit Prefiltered(const query::Expression& expression)
      : prefilter_(query::conditions_for_truth(expression)) {
    question_.where = expression;
  }

  bool is_useful() const { return !prefilter_.empty(); }

  void run(const Corpus& corpus, Sum& sum) override {
    for (const DocumentBlock& block : corpus.blocks()) {
      prefilter_.select(block.bytes, block.ends, candidates_);
      documents_.clear();
      for (std::uint32_t candidate : candidates_) {
        documents_.push_back(block.documents[candidate]);
      }
      matcher_.begin(question_, documents_);
      for (std::string_view document : documents_) {
        if (matcher_.next(out_) == query::Matcher::Verdict::kept) sum.add(document);
      }
    }
  }

 private:
  query::Prefilter prefilter_;
  query::Question question_;
  query::Matcher matcher_;
  std::vector<std::uint32_t> candidates_;
  std::vector<std::string_view> documents_;
  std::string out_;
};

}  // namespace

std::unique_ptr<Contender> make_prefiltered(const Question& question) {
  if (question.is_projection) return nullptr;
  auto contender = std::make_unique<Prefiltered>(query::Expression::compile(question.expression));
  return contender->is_useful() ? std::move(contender) : nullptr;
}

}  // namespace flashflood::bench
