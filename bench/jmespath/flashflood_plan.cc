// FlashFlood as a replay asks: by the expression's plan, a block at a time.

#include "bench/jmespath/contender.h"
#include "query/matcher.h"

namespace flashflood::bench {
namespace {

class Plan : public Contender {
 public:
  explicit Plan(const Question& question) {
    auto expression = query::Expression::compile(question.expression);
    (question.is_projection ? question_.query : question_.where) = expression;
  }

  void run(const Corpus& corpus, Sum& sum) override {
    for (const DocumentBlock& block : corpus.blocks()) {
      matcher_.begin(question_, block.documents);
      for (std::string_view document : block.documents) {
        out_.clear();
        if (matcher_.next(out_) != query::Matcher::Verdict::kept) continue;
        sum.add(question_.query ? std::string_view(out_) : document);
      }
    }
  }

 private:
  query::Question question_;
  query::Matcher matcher_;
  std::string out_;
};

}  // namespace

std::unique_ptr<Contender> make_plan(const Question& question) {
  return std::make_unique<Plan>(question);
}

}  // namespace flashflood::bench
