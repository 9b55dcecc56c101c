#include "query/plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <optional>
#include <unordered_map>

#include "query/comparison.h"
#include "query/functions.h"
#include "query/json/writer.h"
#include "query/program.h"

namespace flashflood::query {
namespace {

struct Step {
  std::string_view name{};
  std::optional<std::uint32_t> index{};
};

// A path in the expression: the node that is to read it, and what of the node's children it covers.
struct Path {
  const Node* node;
  std::uint32_t children;
  std::vector<Step> steps;
  std::uint32_t slot = PlanStep::no_slot;
};

// Names with these are always spelt with escapes, which a walk does not resolve.
bool is_plain(std::string_view name) {
  return std::none_of(name.begin(), name.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\';
  });
}

std::optional<Step> step_of(const Node& node, bool is_first) {
  if (node.op == Op::field && is_plain(node.literal.view())) return Step{node.literal.view()};
  // A document that is an array has no plan.
  if (node.op != Op::index || is_first || *node.start < 0) return std::nullopt;
  if (*node.start > std::numeric_limits<std::int32_t>::max()) return std::nullopt;
  return Step{{}, static_cast<std::uint32_t>(*node.start)};
}

// A name as it is written in an expression.
std::string shown(std::string_view name) {
  bool is_word = !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  });
  return is_word ? std::string(name) : fmt::format("\"{}\"", name);
}

class Planner {
 public:
  explicit Planner(Program& program) : program_(program), plan_(program.plan) {}

  void run() {
    find_paths(*program_.root);
    if (whole_ == nullptr) insert_paths();
    if (whole_ != nullptr) {
      plan_ = {};
      plan_.whole_column = whole_->column;
      return;
    }
    plan_.is_usable = true;
    number(plan_.root, {});
    for (Path& path : paths_) path.slot = lookup(path);
    annotate();
    make_guards();
    make_pieces();
  }

 private:
  // Finds the paths among what is evaluated on the root of the document. Recursion is as deep as
  // the expression.
  void find_paths(const Node& node) {
    if (paths_.size() == Plan::places_max) whole_ = &node;
    if (whole_ != nullptr) return;
    switch (node.op) {
      case Op::current:
        whole_ = &node;
        return;
      case Op::field:
        if (auto step = step_of(node, true)) {
          paths_.push_back({&node, 0, {*step}});
        } else {
          whole_ = &node;
        }
        return;
      case Op::sequence:
        return find_path(node);
      case Op::list_projection:
      case Op::value_projection:
      case Op::filter_projection:
        return find_paths(*node.children[0]);  // the others see elements
      case Op::index:
      case Op::slice:
        whole_ = &node;
        return;
      case Op::reference:
      case Op::literal:
        return;
      default:
        for (const Node* child : node.children) find_paths(*child);
    }
  }

  void find_path(const Node& sequence) {
    Path path{&sequence, 0, {}};
    const auto& children = sequence.children;
    if (children[0]->op == Op::current) path.children = 1;
    while (path.children < children.size() && path.steps.size() < Plan::steps_max) {
      auto step = step_of(*children[path.children], path.steps.empty());
      if (!step) break;
      path.steps.push_back(*step);
      ++path.children;
    }
    if (!path.steps.empty()) {
      paths_.push_back(std::move(path));
    } else if (path.children != 0) {
      whole_ = children[0];
    } else {
      find_paths(*children[0]);
    }
  }

  static PlanStep& enter(PlanStep& at, const Step& step) {
    auto& list = step.index ? at.elements : at.members;
    auto known = std::find_if(list.begin(), list.end(), [&](const PlanStep& other) {
      return step.index ? other.index == *step.index : other.name.text() == step.name;
    });
    if (known != list.end()) return *known;
    PlanStep& added = list.emplace_back();
    if (step.index) {
      added.index = *step.index;
      return added;
    }
    added.name = PlainString(step.name);
    return added;
  }

  void insert_paths() {
    std::size_t slots = 0;
    for (const Path& path : paths_) {
      PlanStep* at = &plan_.root;
      for (const Step& step : path.steps) at = &enter(*at, step);
      if (at->slot == PlanStep::no_slot && ++slots > Plan::slots_max) {
        whole_ = path.node;
        return;
      }
      at->slot = 0;  // to be numbered
    }
  }

  // In the order of a walk, so that the slots below a step are neighbours.
  void number(PlanStep& step, const std::string& text) {
    step.slots_begin = static_cast<std::uint32_t>(plan_.paths.size());
    if (step.slot != PlanStep::no_slot) {
      step.slot = step.slots_begin;
      plan_.paths.push_back(text);
    }
    for (PlanStep& member : step.members) {
      const char* dot = text.empty() ? "" : ".";
      number(member, fmt::format("{}{}{}", text, dot, shown(member.name.text())));
    }
    std::sort(step.elements.begin(), step.elements.end(),
              [](const PlanStep& a, const PlanStep& b) { return a.index < b.index; });
    for (PlanStep& element : step.elements) {
      number(element, fmt::format("{}[{}]", text, element.index));
    }
    step.slots_end = static_cast<std::uint32_t>(plan_.paths.size());
  }

  std::uint32_t lookup(const Path& path) {
    PlanStep* at = &plan_.root;
    for (const Step& step : path.steps) at = &enter(*at, step);
    return at->slot;
  }

  void annotate() {
    std::unordered_map<const Node*, const Path*> of_node;
    for (const Path& path : paths_) of_node.emplace(path.node, &path);
    for (Node& node : program_.nodes) {
      auto found = of_node.find(&node);
      if (found == of_node.end()) continue;
      node.slot = found->second->slot;
      node.slot_children = found->second->children;
    }
  }

  // --- guards

  static bool is_path(const Node& node) {
    return node.slot != PlanStep::no_slot &&
           (node.op == Op::field || node.slot_children == node.children.size());
  }
  static bool is_scalar(const Node& node) {
    return node.op == Op::literal && node.literal.kind != Kind::array &&
           node.literal.kind != Kind::object;
  }

  bool add_guard(const Node& node) {
    if (node.op < Op::equal || node.op > Op::greater_equal) return false;
    const Node& left = *node.children[0];
    const Node& right = *node.children[1];
    PlanGuard guard;
    if (is_path(left) && is_scalar(right)) {
      guard = {.slot = left.slot, .op = node.op, .literal = right.literal};
    } else if (is_scalar(left) && is_path(right)) {
      guard = {.slot = right.slot, .op = mirrored(node.op), .literal = left.literal};
    } else {
      return false;
    }
    guard.is_plain_equality = (guard.op == Op::equal || guard.op == Op::not_equal) &&
                              guard.literal.kind == Kind::string && is_plain(guard.literal.view());
    if (guard.is_plain_equality) guard.plain = PlainString(guard.literal.view());
    if (guard.literal.kind == Kind::number) guard.number = to_number(guard.literal);
    plan_.guards.push_back(guard);
    return true;
  }

  void make_guards() {
    const Node* root = program_.root;
    std::vector<const Node*> conditions{root};
    if (root->op == Op::all) conditions = root->children;
    plan_.guards_suffice = true;
    for (const Node* condition : conditions) {
      if (add_guard(*condition)) continue;
      plan_.guards_suffice = false;
      if (can_fail(*condition)) break;
    }
    std::stable_sort(plan_.guards.begin(), plan_.guards.end(),
                     [](const PlanGuard& a, const PlanGuard& b) { return a.slot < b.slot; });
  }

  // --- pieces

  void make_pieces() {
    const Node& root = *program_.root;
    if (is_path(root)) return add_piece("", root);
    if (root.op != Op::multi_list && root.op != Op::multi_hash) return;
    if (!std::all_of(root.children.begin(), root.children.end(),
                     [](const Node* child) { return is_path(*child); })) {
      return;
    }
    if (root.op == Op::multi_list) {
      for (const Node* child : root.children) add_piece(plan_.pieces.empty() ? "[" : ",", *child);
      plan_.last_piece.push_back(']');
      return;
    }
    for (std::uint32_t key = 0; key < root.keys.size(); ++key) {
      std::string before(1, key == 0 ? '{' : ',');
      if (!append_json(root.keys[key], JsonStyle::compact, before.max_size() / 2, before)) return;
      // The last child of a key counts.
      auto place = std::find(root.slots.rbegin(), root.slots.rend(), key) - root.slots.rbegin();
      add_piece(before + ':', *root.children[root.children.size() - 1 - place]);
    }
    plan_.last_piece.push_back('}');
  }
  void add_piece(std::string before, const Node& path) {
    plan_.pieces.push_back({std::move(before), path.slot});
  }

  Program& program_;
  Plan& plan_;
  std::vector<Path> paths_;
  const Node* whole_ = nullptr;
};

// The paths whose value is not only compared or handed on: a tree is made of it.
void find_trees(const Node& node, std::vector<bool>& is_tree) {
  auto mark = [&is_tree](const Node& path) {
    if (path.slot != PlanStep::no_slot) is_tree[path.slot] = true;
  };
  switch (node.op) {
    case Op::sequence:
      if (node.slot_children < node.children.size()) mark(node);
      break;
    case Op::list_projection:
    case Op::value_projection:
    case Op::filter_projection:
    case Op::flatten:
      mark(*node.children[0]);
      break;
    default:
      break;
  }
  for (const Node* child : node.children) find_trees(*child, is_tree);
}

}  // namespace

PlainString::PlainString(std::string_view text) : text_(text) {
  char head[sizeof head_] = {};
  char mask[sizeof mask_] = {};
  std::size_t size = std::min(text.size(), sizeof head);
  std::copy_n(text.data(), size, head);
  if (size < sizeof head) head[size++] = '"';
  std::memset(mask, 0xFF, size);
  std::memcpy(&head_, head, sizeof head);
  std::memcpy(&mask_, mask, sizeof mask);
}

void make_plan(Program& program) {
  static std::atomic<std::uint64_t> plans{0};
  Planner(program).run();
  program.plan.id = ++plans;
}

std::string describe(const Program& program) {
  const Plan& plan = program.plan;
  if (!plan.is_usable) {
    return fmt::format("tree: the whole document, which column {} asks for\n", plan.whole_column);
  }
  std::string text = fmt::format("probes: {}\n", fmt::join(plan.paths, ", "));
  std::string guards;
  for (const PlanGuard& guard : plan.guards) {
    if (!guards.empty()) guards.append(", ");
    guards.append(fmt::format("{} {} ", plan.paths[guard.slot], symbol(guard.op)));
    if (!append_json(guard.literal, JsonStyle::compact, 60, guards)) guards.append("...");
  }
  if (!guards.empty()) text.append("false early without: " + guards + "\n");
  std::vector<bool> is_tree(plan.paths.size(), false);
  find_trees(*program.root, is_tree);
  std::string trees;
  for (std::size_t slot = 0; slot < is_tree.size(); ++slot) {
    if (is_tree[slot]) trees.append(trees.empty() ? "" : ", ").append(plan.paths[slot]);
  }
  if (!trees.empty()) text.append("tree: " + trees + "\n");
  return text;
}

}  // namespace flashflood::query
