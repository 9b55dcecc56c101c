// A top-down operator precedence parser (Pratt 1973): each token has a binding power, and an
// operand belongs to the neighbour that binds it stronger.

#include <fmt/format.h>

#include <algorithm>
#include <exception>

#include "query/functions.h"
#include "query/lexer.h"
#include "query/program.h"

namespace flashflood::query {
namespace {

// What binds weaker ends a projection: in a[*].b | c the pipe takes the whole list.
constexpr int projection_stop = 10;
constexpr int flatten_power = 9;
constexpr int star_power = 20;
constexpr int filter_power = 21;
constexpr int dot_power = 40;
constexpr int negation_power = 45;

int binding_power(TokenType type) {
  switch (type) {
    case TokenType::pipe:
      return 1;
    case TokenType::any:
      return 2;
    case TokenType::all:
      return 3;
    case TokenType::equal:
    case TokenType::not_equal:
    case TokenType::less:
    case TokenType::less_equal:
    case TokenType::greater:
    case TokenType::greater_equal:
      return 5;
    case TokenType::flatten:
      return flatten_power;
    case TokenType::star:
      return star_power;
    case TokenType::filter:
      return filter_power;
    case TokenType::dot:
      return dot_power;
    case TokenType::negation:
      return negation_power;
    case TokenType::left_brace:
      return 50;
    case TokenType::left_bracket:
      return 55;
    case TokenType::left_paren:
      return 60;
    default:
      return 0;
  }
}

Op comparison(TokenType type) {
  switch (type) {
    case TokenType::equal:
      return Op::equal;
    case TokenType::not_equal:
      return Op::not_equal;
    case TokenType::less:
      return Op::less;
    case TokenType::less_equal:
      return Op::less_equal;
    case TokenType::greater:
      return Op::greater;
    default:
      return Op::greater_equal;
  }
}

class Parser {
 public:
  explicit Parser(Program& program) : program_(program), tokens_(tokenize(program)) {}

  const Node* run() {
    if (peek().type == TokenType::end) fail(peek(), "the expression is empty");
    const Node* root = parse(0);
    if (peek().type != TokenType::end) fail_unexpected();
    // Whoever wrote something that is no expression at all should hear that first.
    if (semantic_problem_) std::rethrow_exception(semantic_problem_);
    return root;
  }

 private:
  // --- tokens

  const Token& peek(std::size_t ahead = 0) const {
    return tokens_[std::min(at_ + ahead, tokens_.size() - 1)];
  }
  const Token& take() {
    const Token& token = peek();
    if (at_ + 1 < tokens_.size()) ++at_;
    return token;
  }
  bool accept(TokenType type) {
    if (peek().type != type) return false;
    take();
    return true;
  }
  void expect(TokenType type, const char* what) {
    if (!accept(type)) fail(peek(), fmt::format("{} is expected here", what));
  }

  [[noreturn]] void fail(const Token& token, const std::string& what) const {
    raise_query_error(QueryError::Kind::syntax, program_.text, token.begin, what);
  }
  [[noreturn]] void fail_unexpected() const {
    const Token& token = peek();
    if (token.type == TokenType::end) fail(token, "the expression ends early");
    fail(token, fmt::format("'{}' cannot stand here", shown(token)));
  }
  std::string_view shown(const Token& token) const {
    return std::string_view(program_.text).substr(token.begin, token.end - token.begin);
  }

  // Keeps the first mistake of meaning (kind, not grammar) for the end.
  void note(QueryError::Kind kind, std::size_t column, const std::string& what) {
    if (semantic_problem_) return;
    try {
      raise_query_error(kind, program_.text, column, what);
    } catch (const QueryError&) {
      semantic_problem_ = std::current_exception();
    }
  }

  // --- nodes

  Node* make(Op op, std::size_t column) {
    Node& node = program_.nodes.emplace_back();
    node.op = op;
    node.column = static_cast<std::uint32_t>(column);
    return &node;
  }
  Node* make(Op op, std::size_t column, std::initializer_list<const Node*> children) {
    Node* node = make(op, column);
    for (const Node* child : children) append(*node, child);
    return node;
  }
  Node* make_named(Op op, const Token& token) {
    Node* node = make(op, token.begin);
    node->literal = token.value;
    return node;
  }
  void append(Node& node, const Node* child) {
    node.children.push_back(child);
    node.depth = std::max(node.depth, child->depth + 1);
    check_depth(node.depth, node.column);
  }
  // Chains such as a || b || c become one node, so that their length costs no depth.
  Node* chain(Op op, std::size_t column, Node* left, const Node* right) {
    if (left->op != op) left = make(op, column, {left});
    // In a.b[0] the index binds to b first.
    if (op == Op::sequence && right->op == op) {
      for (const Node* child : right->children) append(*left, child);
    } else {
      append(*left, right);
    }
    return left;
  }
  void check_depth(std::size_t depth, std::size_t column) const {
    if (depth <= program_.limits.depth_max) return;
    raise_query_error(
        QueryError::Kind::limit, program_.text, column,
        fmt::format("the expression is nested deeper than {} levels", program_.limits.depth_max));
  }

  // --- grammar

  // An expression up to the first token that binds no stronger than `power`.
  Node* parse(int power) {
    check_depth(++depth_, peek().begin);
    Node* left = parse_prefix();
    while (power < binding_power(peek().type)) left = parse_infix(left);
    --depth_;
    return left;
  }

  Node* parse_prefix() {
    const Token& token = peek();
    if (token.type == TokenType::end) fail_unexpected();
    switch (token.type) {
      case TokenType::literal:
        return make_named(Op::literal, take());
      case TokenType::unquoted_identifier:
        return make_named(Op::field, take());
      case TokenType::quoted_identifier: {
        Node* field = make_named(Op::field, take());
        if (peek().type == TokenType::left_paren) {
          fail(token, "the name of a function is not quoted");
        }
        return field;
      }
      case TokenType::current:
        return make(Op::current, take().begin);
      case TokenType::star: {
        take();
        Node* self = make(Op::current, token.begin);
        return make(Op::value_projection, token.begin, {self, parse_projected(star_power)});
      }
      case TokenType::filter:
      case TokenType::flatten:
        return parse_infix(make(Op::current, token.begin));
      case TokenType::left_brace:
        take();
        return parse_multi_hash(token.begin);
      case TokenType::left_bracket:
        return parse_bracket();
      case TokenType::negation: {
        take();
        return make(Op::negation, token.begin, {parse(negation_power)});
      }
      case TokenType::left_paren: {
        take();
        Node* inner = parse(0);
        expect(TokenType::right_paren, "')'");
        return inner;
      }
      case TokenType::reference:
        fail(token, "'&' makes an argument of a function and cannot stand elsewhere");
      default:
        fail_unexpected();
    }
  }

  Node* parse_infix(Node* left) {
    const Token& token = peek();
    switch (token.type) {
      case TokenType::dot:
        take();
        if (accept(TokenType::star)) {
          // With the power of the dot, as all the reference implementations have it: a.*.b.c takes
          // c of the list that a.*.b gives.
          return make(Op::value_projection, token.begin, {left, parse_projected(dot_power)});
        }
        return chain(Op::sequence, token.begin, left, parse_after_dot(dot_power));
      case TokenType::pipe:
        take();
        return chain(Op::sequence, token.begin, left, parse(binding_power(token.type)));
      case TokenType::any:
        take();
        return chain(Op::any, token.begin, left, parse(binding_power(token.type)));
      case TokenType::all:
        take();
        return chain(Op::all, token.begin, left, parse(binding_power(token.type)));
      case TokenType::equal:
      case TokenType::not_equal:
      case TokenType::less:
      case TokenType::less_equal:
      case TokenType::greater:
      case TokenType::greater_equal:
        take();
        return make(comparison(token.type), token.begin, {left, parse(binding_power(token.type))});
      case TokenType::flatten: {
        take();
        Node* list = make(Op::flatten, token.begin, {left});
        return make(Op::list_projection, token.begin, {list, parse_projected(flatten_power)});
      }
      case TokenType::filter: {
        take();
        const Node* condition = parse(0);
        expect(TokenType::right_bracket, "']'");
        const Node* projected = parse_projected(filter_power);
        return make(Op::filter_projection, token.begin, {left, projected, condition});
      }
      case TokenType::left_bracket: {
        take();
        if (starts_index()) return parse_index(token.begin, left);
        if (peek().type != TokenType::star) {
          fail(peek(), "a number, ':' or '*' is expected here");
        }
        take();
        expect(TokenType::right_bracket, "']'");
        return make(Op::list_projection, token.begin, {left, parse_projected(star_power)});
      }
      case TokenType::left_paren:
        return parse_call(left);
      default:
        fail_unexpected();
    }
  }

  // What is evaluated on each element of a projection; nothing more is the element itself.
  Node* parse_projected(int power) {
    const Token& token = peek();
    if (binding_power(token.type) < projection_stop) return make(Op::current, token.begin);
    if (token.type == TokenType::left_bracket || token.type == TokenType::filter) {
      return parse(power);
    }
    if (accept(TokenType::dot)) return parse_after_dot(power);
    fail_unexpected();
  }

  Node* parse_after_dot(int power) {
    const Token& token = peek();
    switch (token.type) {
      case TokenType::unquoted_identifier:
      case TokenType::quoted_identifier:
      case TokenType::star:
        return parse(power);
      case TokenType::left_bracket:
        take();
        return parse_multi_list(token.begin);
      case TokenType::left_brace:
        take();
        return parse_multi_hash(token.begin);
      default:
        break;
    }
    if (token.type == TokenType::end) fail_unexpected();
    fail(token, "a name, '*', '[' or '{' is expected after '.'");
  }

  // An expression that begins with [.
  Node* parse_bracket() {
    std::size_t column = take().begin;
    if (starts_index()) return parse_index(column, make(Op::current, column));
    if (peek().type == TokenType::star && peek(1).type == TokenType::right_bracket) {
      take();
      take();
      Node* self = make(Op::current, column);
      return make(Op::list_projection, column, {self, parse_projected(star_power)});
    }
    return parse_multi_list(column);
  }

  bool starts_index() const {
    return peek().type == TokenType::number || peek().type == TokenType::colon;
  }

  // [3] or [start:stop:step] behind `left`; the [ is taken. A slice is a projection.
  Node* parse_index(std::size_t column, Node* left) {
    if (peek().type == TokenType::number && peek(1).type != TokenType::colon) {
      Node* index = make(Op::index, column);
      index->start = take().number;
      expect(TokenType::right_bracket, "']'");
      return chain(Op::sequence, column, left, index);
    }
    std::optional<std::int64_t> parts[3];
    for (std::size_t part = 0;;) {
      if (peek().type == TokenType::number && !parts[part]) {
        if (part == 2 && peek().number == 0) {
          note(QueryError::Kind::invalid_value, peek().begin, "the step of a slice cannot be 0");
        }
        parts[part] = take().number;
      } else if (peek().type == TokenType::colon && part < 2) {
        take();
        ++part;
      } else {
        break;
      }
    }
    expect(TokenType::right_bracket, "']'");
    Node* slice = make(Op::slice, column);
    slice->start = parts[0];
    slice->stop = parts[1];
    slice->step = parts[2].value_or(1);
    Node* list = chain(Op::sequence, column, left, slice);
    return make(Op::list_projection, column, {list, parse_projected(star_power)});
  }

  Node* parse_multi_list(std::size_t column) {
    Node* list = make(Op::multi_list, column);
    do {
      append(*list, parse(0));
    } while (accept(TokenType::comma));
    expect(TokenType::right_bracket, "',' or ']'");
    return list;
  }

  Node* parse_multi_hash(std::size_t column) {
    Node* hash = make(Op::multi_hash, column);
    do {
      const Token& key = peek();
      if (key.type != TokenType::unquoted_identifier && key.type != TokenType::quoted_identifier) {
        fail(key, "a key is expected here");
      }
      take();
      expect(TokenType::colon, "':'");
      auto same = [&](const Value& other) { return other.view() == key.value.view(); };
      auto known = std::find_if(hash->keys.begin(), hash->keys.end(), same);
      hash->slots.push_back(static_cast<std::uint32_t>(known - hash->keys.begin()));
      if (known == hash->keys.end()) hash->keys.push_back(key.value);
      append(*hash, parse(0));
    } while (accept(TokenType::comma));
    expect(TokenType::right_brace, "',' or '}'");
    return hash;
  }

  Node* parse_call(const Node* name) {
    if (name->op != Op::field) fail(peek(), "'(' can only follow the name of a function");
    take();
    Node* call = make(Op::call, name->column);
    if (!accept(TokenType::right_paren)) {
      do {
        const Token& token = peek();
        if (accept(TokenType::reference)) {
          append(*call, make(Op::reference, token.begin, {parse(0)}));
        } else {
          append(*call, parse(0));
        }
      } while (accept(TokenType::comma));
      expect(TokenType::right_paren, "',' or ')'");
    }
    resolve(*call, name->literal.view());
    return call;
  }

  void resolve(Node& call, std::string_view name) {
    call.function = find_function(name);
    if (call.function == nullptr) {
      note(QueryError::Kind::unknown_function, call.column,
           fmt::format("there is no function {}()", name));
      return;
    }
    std::size_t wanted = call.function->parameters.size();
    std::size_t given = call.children.size();
    if (call.function->variadic ? given >= wanted : given == wanted) return;
    note(QueryError::Kind::invalid_arity, call.column,
         fmt::format("{}() takes {}{} argument{}, not {}", name,
                     call.function->variadic ? "at least " : "", wanted, wanted == 1 ? "" : "s",
                     given));
  }

  Program& program_;
  std::vector<Token> tokens_;
  std::size_t at_ = 0;
  std::size_t depth_ = 0;
  std::exception_ptr semantic_problem_;
};

}  // namespace

void parse_expression(Program& program) {
  program.root = Parser(program).run();
  check_nesting(program);
}

}  // namespace flashflood::query
