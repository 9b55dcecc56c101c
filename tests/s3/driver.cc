// Does on one handle, kept open, what its standard input says: for tests that count requests or put
// faults between it and the store.
//
//   driver URL [GRACE PATIENCE]       opens, or creates with these (in seconds), and answers "ok"
//
// A line is a command and its arguments, separated by tabs; the answer is a line too: "ok" and what
// there is to tell, or "error", the name of the exception, and its message.
//
//   put-new DATA             put ID DATA         update ID DATA       delete ID
//   get ID                   (tells the data, or nothing: "none")
//   record PREFIX N BYTES    (ids PREFIX-0 ..., an hour apart, in as few requests as can be)
//   replay FILE [FROM TO]    (writes "id<tab>data" lines to the file, tells how many)
//   journal                  gc                   verify    (tells the problems)
//   requests                 (tells those of the handle: NAME=COUNT, ...)
#include <chrono>
#include <cstdio>
#include <fstream>
#include <functional>
#include <iostream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "flashflood/flashflood.h"

namespace {

using flashflood::Flood;
using Words = std::vector<std::string>;

template <typename Kind>
bool is(const flashflood::Error& error) {
  return dynamic_cast<const Kind*>(&error) != nullptr;
}

const char* name_of(const flashflood::Error& error) {
  if (is<flashflood::EventExists>(error)) return "EventExists";
  if (is<flashflood::EventNotFound>(error)) return "EventNotFound";
  if (is<flashflood::RevisionConflict>(error)) return "RevisionConflict";
  if (is<flashflood::StoreUnavailable>(error)) return "StoreUnavailable";
  if (is<flashflood::OutcomeUnknown>(error)) return "OutcomeUnknown";
  if (is<flashflood::SnapshotExpired>(error)) return "SnapshotExpired";
  if (is<flashflood::CorruptData>(error)) return "CorruptData";
  return "Error";
}

std::string record(Flood& flood, const Words& words) {
  const auto start = flashflood::parse_timestamp("2020-01-01T00:00:00Z");
  const int count = std::stoi(words.at(2));
  const std::size_t bytes = std::stoul(words.at(3));
  flashflood::RecorderOptions options;
  options.eager = false;  // as few requests as can be
  auto recorder = flood.recorder(options);
  for (int i = 0; i < count; ++i) {
    const std::string id = words.at(1) + "-" + std::to_string(i);
    // Not to be compressed away, and the same when it is recorded again.
    std::string data = id + " ";
    for (std::uint64_t state = std::hash<std::string>{}(id); data.size() < bytes;) {
      state = state * 6364136223846793005U + 1442695040888963407U;
      data += static_cast<char>('!' + (state >> 33) % 90);
    }
    recorder.put(id, start + std::chrono::hours{i}, data);
  }
  recorder.flush();
  return {};
}

std::string replay(Flood& flood, const Words& words) {
  flashflood::ReplayOptions options;
  if (words.size() > 3) {
    options.from = flashflood::parse_timestamp(words[2]);
    options.to = flashflood::parse_timestamp(words[3]);
  }
  std::ofstream file(words.at(1), std::ios::binary);
  std::size_t count = 0;
  for (const auto& event : flood.replay(options)) {
    file << event.id << '\t' << event.data << '\n';
    ++count;
  }
  return std::to_string(count);
}

const std::map<std::string, std::function<std::string(Flood&, const Words&)>> commands = {
    {"put-new", [](Flood& flood, const Words& words) { return flood.put({.data = words.at(1)}); }},
    {"put", [](Flood& flood,
               const Words& words) { return flood.put({.id = words.at(1), .data = words.at(2)}); }},
    {"get",
     [](Flood& flood, const Words& words) {
       const auto found = flood.find(words.at(1));
       return found ? found->data : "none";
     }},
    {"update",
     [](Flood& flood, const Words& words) {
       return std::to_string(flood.update(words.at(1), words.at(2)));
     }},
    {"delete",
     [](Flood& flood, const Words& words) {
       flood.erase(words.at(1));
       return std::string();
     }},
    {"record", record},
    {"replay", replay},
    {"journal",
     [](Flood& flood, const Words&) { return std::to_string(flood.journal().sealed_events); }},
    {"requests",
     [](Flood& flood, const Words&) {
       const flashflood::RequestReport report = flood.requests();
       std::ostringstream told;
       told << "gets=" << report.gets << " puts=" << report.puts << " lists=" << report.lists
            << " removes=" << report.removes << " pieces=" << report.pieces
            << " parts=" << report.parts << " hedges=" << report.hedges
            << " rereads=" << report.rereads;
       return told.str();
     }},
    {"verify",
     [](Flood& flood, const Words&) {
       std::string told;
       for (const auto& problem : flood.verify().problems) {
         told += problem.key + ": " + problem.what + "; ";
       }
       return told;
     }},
    {"gc", [](Flood& flood,
              const Words&) { return std::to_string(flood.collect_garbage().removed_objects); }},
};

void answer(const std::function<std::string()>& act) {
  std::string told;
  try {
    told = "ok\t" + act();
  } catch (const flashflood::Error& error) {
    told = std::string("error\t") + name_of(error) + "\t" + error.what();
  } catch (const std::exception& error) {
    told = std::string("error\texception\t") + error.what();
  }
  for (char& c : told)
    if (c == '\n') c = ' ';
  std::cout << told << std::endl;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2 && argc != 4) {
    std::fprintf(stderr, "usage: driver URL [GRACE PATIENCE]\n");
    return 2;
  }
  std::optional<Flood> flood;
  answer([&] {
    flashflood::OpenOptions options;
    if (argc == 4) {
      options.grace = std::chrono::seconds{std::stoi(argv[2])};
      options.patience = std::chrono::seconds{std::stoi(argv[3])};
    }
    flood = Flood::open(argv[1], options);
    return std::string();
  });
  for (std::string line; flood && std::getline(std::cin, line);) {
    Words words;
    std::istringstream stream(line);
    for (std::string word; std::getline(stream, word, '\t');) words.push_back(word);
    answer([&] { return commands.at(words.at(0))(*flood, words); });
  }
  return flood ? 0 : 1;
}
