// FlashFlood on one page: record, read, change and replay events in a folder.
//
// Usage: quickstart FOLDER      (the folder must be new, empty, or a flood)
#include <cstdio>
#include <string>

#include "flashflood/flashflood.h"

namespace {

void show(const flashflood::EventView& event) {
  std::printf("%s  %.*s\n", flashflood::format_timestamp(event.date).c_str(),
              static_cast<int>(event.data.size()), event.data.data());
}

void run(const char* folder) {
  auto flood = flashflood::Flood::open(folder);

  // One event: durable when put() returns. The id is made here, the date is now.
  const std::string id = flood.put({.data = R"({"country": "France", "quantity": 3})"});

  // An event is changed by a whole new state; with a revision only if nobody was faster.
  const auto event = flood.get(id);
  flood.update(id, R"({"country": "France", "quantity": 4})", event.revision);

  // Many events: gathered, written in parallel, durable when flush() returns. An id that is there
  // already is left as it is, so a producer may send everything again.
  auto recorder = flood.recorder();
  for (int hour = 0; hour < 24; ++hour) {
    recorder.put(
        {.id = "sale-" + std::to_string(hour),
         .date = flashflood::parse_timestamp("2011-03-01T00:00:00Z") + std::chrono::hours{hour},
         .data = R"({"country": "Japan", "quantity": )" + std::to_string(hour) + "}"});
  }
  recorder.flush();

  // Journaling sorts what was recorded into big objects: replays get faster, answers stay the same.
  flood.journal();

  // Events after `from` up to and including `to`, in order, filtered with JMESPath.
  std::printf("Afternoon sales of more than 20 pieces:\n");
  for (const auto& sale : flood.replay({.from = flashflood::parse_timestamp("2011-03-01T12:00:00Z"),
                          .to = flashflood::parse_timestamp("2011-03-01T23:00:00Z"),
                          .where = "country == 'Japan' && quantity > `20`"})) {
    show(sale);
  }

  flood.erase(id);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: quickstart FOLDER\n");
    return 2;
  }
  try {
    run(argv[1]);
  } catch (const flashflood::EventExists& error) {
    std::fprintf(stderr, "taken: %s\n", error.what());
    return 1;
  } catch (const flashflood::Error& error) {
    std::fprintf(stderr, "failed: %s\n", error.what());
    return 1;
  }
}
