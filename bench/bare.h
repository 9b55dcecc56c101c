// The bare loops that FlashFlood is measured against: the same work without FlashFlood.
//
// Threads: one thread each.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace flashflood::bench {

// Decompresses the file, parses two fields of each line (invoice and date, by simdjson On-Demand),
// compresses the lines with zstd level 1 in blocks of 256 KiB, writes and fsyncs. Prints a
// checksum.
int bare_record(const std::string& events, const std::string& output);

// Reads the blocks of all sealed journals of a flood in a folder, decompresses them and touches
// every event. Prints how many there were and a checksum of ids, dates and data sizes.
int bare_replay(const std::string& flood);

// The same through the library: Flood::replay. Prints the same.
int library_replay(const std::string& flood);

// The same through the library as Arrow batches, each released before the next. Prints the same.
int arrow_replay(const std::string& flood);

// Creates, writes, fsyncs and links `count` files of 300 bytes in a folder; gives the seconds.
double bare_puts(const std::filesystem::path& folder, int count);

}  // namespace flashflood::bench
