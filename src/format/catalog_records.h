// The lists of a catalog as they lie in its sections.
//
// Threads: pure functions.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "format/catalog.h"

namespace flashflood::format {

// Decoders throw CorruptData that begins with `name` for sizes that do not fit, and
// std::out_of_range where a section ends early; order and ranges are the caller's to check.

Bytes encode_journals(const std::vector<SealedJournal>& journals);
// With their posts, if there is a section of them.
std::vector<SealedJournal> decode_journals(BytesView bytes, std::optional<BytesView> posts,
                                           std::string_view name);

Bytes encode_pages(const std::vector<PageRef>& pages);
std::vector<PageRef> decode_pages(BytesView bytes, std::string_view name);

Bytes encode_index(const std::vector<IndexRun>& runs);
std::vector<IndexRun> decode_index(BytesView bytes, std::string_view name);

Bytes encode_retired(const std::vector<Retired>& retired);
std::vector<Retired> decode_retired(BytesView bytes, std::string_view name);

}  // namespace flashflood::format
