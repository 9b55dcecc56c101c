#include "store/testing/prefix_store.h"

#include <utility>

#include "store/forwarding_store.h"

namespace flashflood {
namespace {

class PrefixStore final : public ForwardingStore {
 public:
  PrefixStore(std::shared_ptr<ObjectStore> inner, std::string prefix)
      : ForwardingStore(std::move(inner)), prefix_(std::move(prefix)) {}

  std::optional<ObjectPart> get(std::string_view key, ByteRange range) override {
    return inner().get(full(key), range);
  }
  void put(std::string_view key, BytesView bytes) override { inner().put(full(key), bytes); }
  PutOutcome put_if_absent(std::string_view key, BytesView bytes) override {
    return inner().put_if_absent(full(key), bytes);
  }

  ListPage list(std::string_view prefix, std::string_view start_after, std::size_t limit) override {
    check_prefix(prefix);
    const std::string after = start_after.empty() ? "" : prefix_ + std::string(start_after);
    ListPage page = inner().list(prefix_ + std::string(prefix), after, limit);
    for (ObjectInfo& object : page.objects) object.key.erase(0, prefix_.size());
    return page;
  }

  void remove(std::span<const std::string> keys) override {
    std::vector<std::string> all;
    all.reserve(keys.size());
    for (const std::string& key : keys) all.push_back(full(key));
    inner().remove(all);
  }

  std::optional<PresignedUrl> presign(std::string_view key,
                                      std::chrono::seconds duration) override {
    return inner().presign(full(key), duration);
  }
  std::string describe() const override {
    return inner().describe() + '/' + prefix_.substr(0, prefix_.size() - 1);
  }

 private:
  std::string full(std::string_view key) const {
    check_key(key);
    return prefix_ + std::string(key);
  }

  const std::string prefix_;  // ends in '/'
};

}  // namespace

std::shared_ptr<ObjectStore> make_prefix_store(std::shared_ptr<ObjectStore> inner,
                                               std::string_view prefix) {
  if (prefix.empty()) return inner;
  if (prefix.ends_with('/')) prefix.remove_suffix(1);
  check_key(prefix);
  return std::make_shared<PrefixStore>(std::move(inner), std::string(prefix) + '/');
}

}  // namespace flashflood
