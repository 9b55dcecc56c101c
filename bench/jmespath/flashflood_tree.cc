// FlashFlood's general evaluator: each document becomes a tree of values.

#include "bench/jmespath/contender.h"
#include "query/expression.h"

namespace flashflood::bench {
namespace {

class Tree : public Contender {
 public:
  explicit Tree(const Question& question)
      : expression_(query::Expression::compile(question.expression)),
        is_projection_(question.is_projection) {}

  void run(const Corpus& corpus, Sum& sum) override {
    for (const DocumentBlock& block : corpus.blocks()) {
      for (std::string_view document : block.documents) {
        if (!document_.parse(document)) continue;
        auto result = query::evaluate_by_tree(expression_, document_);
        if (!is_projection_) {
          if (result.truthy()) sum.add(document);
        } else if (!result.is_null()) {
          out_.clear();
          result.append_json(out_);
          sum.add(out_);
        }
      }
    }
  }

 private:
  query::Expression expression_;
  bool is_projection_;
  query::Document document_;
  std::string out_;
};

}  // namespace

std::unique_ptr<Contender> make_tree(const Question& question) {
  return std::make_unique<Tree>(question);
}

}  // namespace flashflood::bench
