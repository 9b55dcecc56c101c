#include "store/test_conformance.h"

#include "store/counting_store.h"
#include "store/folder/folder_store.h"
#include "store/folder/test_folder.h"
#include "store/memory_store.h"
#include "store/probe.h"
#include "store/retry_store.h"
#include "store/testing/fault_store.h"
#include "store/testing/prefix_store.h"

namespace flashflood {
namespace {

std::shared_ptr<ObjectStore> memory() { return make_memory_store(make_system_clock()); }

std::function<std::shared_ptr<ObjectStore>()> folder(FolderTemporaries temporaries) {
  return [temporaries] {
    const auto place = std::make_shared<TestFolder>();
    const auto store = open_folder_store(place->path(), false, temporaries);
    // The folder goes away with the last owner of the store.
    return std::shared_ptr<ObjectStore>(store.get(), [place, store](ObjectStore*) {});
  };
}

INSTANTIATE_TEST_SUITE_P(
    Memory, StoreConformance,
    testing::Values(StoreCase{"plain", memory},
                    StoreCase{"small_pages",
                              [] { return make_memory_store(make_system_clock(), 3); }}),
    store_case_name);

INSTANTIATE_TEST_SUITE_P(Folder, StoreConformance,
                         testing::Values(StoreCase{"automatic",
                                                   folder(FolderTemporaries::automatic)},
                                         StoreCase{"unnamed", folder(FolderTemporaries::unnamed)},
                                         StoreCase{"renamed", folder(FolderTemporaries::renamed)},
                                         StoreCase{"linked", folder(FolderTemporaries::linked)}),
                         store_case_name);

INSTANTIATE_TEST_SUITE_P(
    Decorated, StoreConformance,
    testing::Values(
        StoreCase{"counting", [] { return std::make_shared<CountingStore>(memory()); }},
        StoreCase{"faults", [] { return std::make_shared<FaultStore>(memory(), FaultScript()); }},
        StoreCase{"retry", [] { return make_retry_store(memory(), system_environment()); }},
        StoreCase{"probing",
                  [] {
                    const auto store = memory();
                    store->put("settings", "1");
                    return make_prefix_store(
                        make_probing_store(store, std::make_shared<Retrier>(system_environment()),
                                           "settings", "1"),
                        "p");
                  }},
        StoreCase{"prefix", [] { return make_prefix_store(memory(), "floods/mine"); }},
        StoreCase{"prefix_of_folder",
                  [] { return make_prefix_store(folder(FolderTemporaries::automatic)(), "a/b/"); }},
        StoreCase{"all",
                  [] {
                    auto store = make_prefix_store(folder(FolderTemporaries::renamed)(), "p");
                    store = std::make_shared<FaultStore>(store, FaultScript());
                    store = make_retry_store(store, system_environment());
                    return std::make_shared<CountingStore>(store);
                  }}),
    store_case_name);

}  // namespace
}  // namespace flashflood
