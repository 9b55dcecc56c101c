// The command as users run it: a query over a whole flood against a replay with the same filter.
//
// Threads: one at a time.
#pragma once

#include <filesystem>
#include <string>

namespace flashflood::bench {

// Records `retail` to a flood in `folder`, compares, and prints a table. Throws std::runtime_error
// when the answer of the query is not the sum of what the replay finds.
void compare_query_with_replay(const std::string& command, const std::string& retail,
                               const std::filesystem::path& folder);

}  // namespace flashflood::bench
