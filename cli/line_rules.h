// What record is told about its input: by options, and by presets that stand for several of them.
//
// Threads: pure functions.
#pragma once

#include <string>
#include <vector>

#include "commands.h"
#include "line_worker.h"

namespace flashflood::cli {

// For --preset.
std::vector<std::string> preset_names();

// Throws UsageError.
LineRules parse_line_rules(const RecordArguments& arguments);

}  // namespace flashflood::cli
