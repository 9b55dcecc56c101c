#include "engine/journal/sealed_writer.h"

#include <future>
#include <utility>

namespace flashflood::engine {

using format::EncodedBlock;
using format::EntryView;
using format::SealedJournal;

// The entries of one block, with their bytes.
struct SealedWriter::Rows {
  struct Row {
    EntryView entry;  // its views are set when the block is encoded: bytes may move until then
    std::size_t offset;
    std::size_t id_bytes;
    std::size_t data_bytes;
  };
  std::vector<Row> rows;
  Bytes bytes;

  std::vector<EntryView> entries() const {
    std::vector<EntryView> result;
    result.reserve(rows.size());
    for (const Row& row : rows) {
      EntryView entry = row.entry;
      entry.id = BytesView(bytes).substr(row.offset, row.id_bytes);
      entry.data = BytesView(bytes).substr(row.offset + row.id_bytes, row.data_bytes);
      result.push_back(entry);
    }
    return result;
  }
};

// A block on its way into the journal.
struct SealedWriter::Pending {
  std::unique_ptr<Rows> rows;
  EncodedBlock block;
  std::future<void> encoded;
};

SealedWriter::SealedWriter(const Context& context, std::uint64_t epoch, std::size_t journal_bytes)
    : context_(context),
      epoch_(epoch),
      journal_bytes_(journal_bytes),
      rows_(std::make_unique<Rows>()) {}

SealedWriter::~SealedWriter() = default;

void SealedWriter::add(const EntryView& entry) {
  std::size_t size = entry.id.size() + entry.data.size();
  bool full = journal_raw_bytes_ + rows_->bytes.size() >= journal_bytes_;
  bool overfull = journal_raw_bytes_ + rows_->bytes.size() >= journal_bytes_ + journal_bytes_ / 4;
  if ((full && entry.date != last_date_) || overfull) {
    end_journal();
  } else if (!rows_->rows.empty() && rows_->bytes.size() + size > context_.block_bytes) {
    end_block();
  }
  rows_->rows.push_back({entry, rows_->bytes.size(), entry.id.size(), entry.data.size()});
  rows_->bytes += entry.id;
  rows_->bytes += entry.data;
  last_date_ = entry.date;
}

void SealedWriter::end_block() {
  if (rows_->rows.empty()) return;
  journal_raw_bytes_ += rows_->bytes.size();
  auto pending = std::make_unique<Pending>();
  pending->rows = std::exchange(rows_, std::make_unique<Rows>());
  Pending* raw = pending.get();
  pending_.push_back(std::move(pending));
  raw->encoded = encoding_.start(*context_.env.compute, [raw, options = context_.block_options] {
    raw->block = format::encode_block(raw->rows->entries(), options);
  });
  if (pending_.size() > context_.env.compute->width() + 1) place_block();
}

void SealedWriter::place_block() {
  Pending& pending = *pending_.front();
  pending.encoded.get();
  if (!builder_) {
    builder_.emplace(format::JournalProperties{format::JournalOrigin::sealed, context_.make_token(),
                                               epoch_, false},
                     false);
    journal_ = {};
    journal_.from = pending.block.info.first;
  }
  journal_.to = pending.block.info.last;
  journal_.entries += pending.block.info.count;
  journal_.dead_entries += pending.block.info.dead_count;
  journal_.raw_bytes += pending.rows->bytes.size();
  builder_->add(pending.block);
  pending_.erase(pending_.begin());
}

void SealedWriter::end_journal() {
  end_block();
  while (!pending_.empty()) place_block();
  if (!builder_) return;
  journal_.posts = format::make_posts(builder_->blocks());
  Bytes object = builder_->finish();
  builder_.reset();
  journal_.name = {epoch_, context_.make_token()};
  journal_.object_bytes = object.size();
  context_.store->put(journal_.key(), object);
  done_.push_back(journal_);
  journal_raw_bytes_ = 0;
}

std::vector<SealedJournal> SealedWriter::finish() {
  end_journal();
  return std::move(done_);
}

}  // namespace flashflood::engine
