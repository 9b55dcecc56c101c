#include "engine/upkeep/destroy.h"

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "format/keys.h"

namespace flashflood::engine {

std::uint64_t destroy(const Context& context) {
  ObjectStore& store = *context.store;
  std::uint64_t removed = 0;
  for (const std::string_view prefix :
       {format::head_prefix, format::journals_prefix, format::index_prefix, format::pages_prefix,
        format::leases_prefix, format::imports_prefix, format::trials_prefix}) {
    std::string after;
    for (bool more = true; more;) {
      const ListPage page = store.list(prefix, after, 0);
      std::vector<std::string> keys;
      for (const ObjectInfo& object : page.objects) keys.push_back(object.key);
      more = page.more && !keys.empty();
      if (!keys.empty()) after = keys.back();
      store.remove(keys);
      removed += keys.size();
    }
  }
  store.sweep(std::chrono::seconds{0});
  // At last what makes it a flood: until then this can be called again.
  const std::vector<std::string> settings{std::string(format::settings_key)};
  store.remove(settings);
  return removed + 1;
}

}  // namespace flashflood::engine
