#include "query/stream/stream_folds.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include "query/json/number.h"
#include "query/stream/stream_window.h"

namespace flashflood::query {
namespace {

using Fold = StreamFold;

class LengthSink final : public StreamFoldSink {
 public:
  void put(std::string_view) override { ++count_; }
  void put_count(std::uint64_t count) override { count_ += count; }
  bool needs_text() const override { return false; }
  bool done() const override { return false; }
  Value value() override { return Value::make_integer(static_cast<std::int64_t>(count_)); }

 private:
  std::uint64_t count_ = 0;
};

class ExistsSink final : public StreamFoldSink {
 public:
  void put(std::string_view) override { found_ = true; }
  void put_count(std::uint64_t count) override { found_ |= count > 0; }
  bool needs_text() const override { return false; }
  bool done() const override { return found_; }
  Value value() override { return Value::make_boolean(found_); }

 private:
  bool found_ = false;
};

class DrainSink final : public StreamFoldSink {
 public:
  explicit DrainSink(const Value& value) : value_(value) {}
  void put(std::string_view) override {}
  bool needs_text() const override { return false; }
  bool done() const override { return false; }
  Value value() override { return value_; }

 private:
  Value value_;
};

class FirstSink final : public StreamFoldSink {
 public:
  void put(std::string_view json) override {
    if (!text_) text_ = json;
  }
  bool done() const override { return text_.has_value(); }
  Value value() override { return text_ ? read_element(*text_, document_) : Value{}; }

 private:
  std::optional<std::string> text_;
  Document document_ = make_element_document();
};

class SumSink final : public StreamFoldSink {
 public:
  SumSink(const Fold& fold, std::string_view text) : fold_(fold), text_(text) {}

  void put(std::string_view json) override {
    if (kind_of(json) != Kind::number) {
      fail(QueryError::Kind::invalid_type,
           fmt::format("{}() takes only numbers, but element {} is {}", name(), count_,
                       describe(set_of(kind_of(json)))));
    }
    ++count_;
    sum_.add(to_number(read_element(json, document_)));
  }
  bool done() const override { return false; }
  Value value() override {
    if (fold_.op == Fold::Op::avg) {
      return count_ == 0 ? Value{} : real(sum_.real() / static_cast<double>(count_));
    }
    return sum_.is_integer() ? Value::make_integer(sum_.integer()) : real(sum_.real());
  }

 private:
  std::string_view name() const { return fold_.origin->function->name; }
  [[noreturn]] void fail(QueryError::Kind kind, const std::string& what) const {
    raise_query_error(kind, text_, fold_.origin->column, what);
  }
  Value real(double number) const {
    if (std::isfinite(number)) return Value::make_real(number);
    fail(QueryError::Kind::invalid_value,
         fmt::format("the result of {}() is beyond the range of numbers", name()));
  }

  const Fold& fold_;
  const std::string text_;
  Document document_;  // numbers never need it
  std::uint64_t count_ = 0;
  Sum sum_;
};

// min, max, min_by, max_by: the first of the smallest or greatest.
class ExtremeSink final : public StreamFoldSink {
 public:
  ExtremeSink(const Fold& fold, std::string_view text)
      : fold_(fold),
        text_(text),
        wants_greatest_(fold.op == Fold::Op::max || fold.op == Fold::Op::max_by) {}

  void put(std::string_view json) override {
    const bool has_key = fold_.key != nullptr;
    KeyedElement parts{json, json};
    if (has_key) parts = split_keyed(json);
    kinds_.check(kind_of(parts.key), text_, *fold_.origin, has_key);
    StreamKey key(read_element(parts.key, document_));
    if (best_key_) {
      const auto order = key.compare(*best_key_);
      if (wants_greatest_ ? !(order > 0) : !(order < 0)) return;
    }
    best_key_ = std::move(key);
    best_ = parts.element;
  }
  bool done() const override { return false; }
  Value value() override { return best_key_ ? read_element(best_, document_) : Value{}; }

 private:
  const Fold& fold_;
  const std::string text_;
  const bool wants_greatest_;
  Document document_ = make_element_document();
  StreamKeyKind kinds_;
  std::optional<StreamKey> best_key_;
  std::string best_;
};

class CollectSink final : public StreamFoldSink {
 public:
  CollectSink(const Fold& fold, StreamBudget& budget) : fold_(fold), budget_(budget) {}

  void put(std::string_view json) override {
    take(2 * sizeof(Value));  // a vector has room for as many again
    values_.push_back(copy(read_element(json, document_)));
  }
  bool done() const override { return false; }
  Value value() override { return Value::make_array(values_.data(), values_.size()); }

 private:
  void take(std::size_t bytes) { budget_.take(bytes, *fold_.origin); }

  // Recursion is as deep as the value, which was read with a limit.
  Value copy(Value value) {
    switch (value.kind) {
      case Kind::number:
        if (value.form != NumberForm::integer_text && value.form != NumberForm::real_text) break;
        [[fallthrough]];
      case Kind::string:
        take((value.size + 15) & ~std::size_t{15});
        value.text = arena_.copy(value.view()).data();
        break;
      case Kind::array:
      case Kind::object: {
        const std::size_t count =
            value.kind == Kind::array ? value.size : 2 * std::size_t{value.size};
        take(count * sizeof(Value));
        Value* items = arena_.allocate_values(count);
        for (std::size_t i = 0; i < count; ++i) items[i] = copy(value.items[i]);
        value.items = items;
        break;
      }
      default:
        break;
    }
    return value;
  }

  const Fold& fold_;
  StreamBudget& budget_;
  Document document_ = make_element_document();
  Arena arena_;
  std::vector<Value> values_;
};

}  // namespace

std::unique_ptr<StreamFoldSink> make_fold_sink(const Fold& fold, std::string_view text,
                                               StreamBudget& budget) {
  switch (fold.op) {
    case Fold::Op::length:
      return std::make_unique<LengthSink>();
    case Fold::Op::sum:
    case Fold::Op::avg:
      return std::make_unique<SumSink>(fold, text);
    case Fold::Op::min:
    case Fold::Op::max:
    case Fold::Op::min_by:
    case Fold::Op::max_by:
      return std::make_unique<ExtremeSink>(fold, text);
    case Fold::Op::first:
      return std::make_unique<FirstSink>();
    case Fold::Op::exists:
      return std::make_unique<ExistsSink>();
    case Fold::Op::drain:
      return std::make_unique<DrainSink>(fold.literal);
    case Fold::Op::emit:
    case Fold::Op::collect:
      break;
  }
  return std::make_unique<CollectSink>(fold, budget);
}

}  // namespace flashflood::query
