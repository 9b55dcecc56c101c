#include "arrow/schema.h"

#include <fmt/format.h>

#include <array>
#include <memory>

#include "flashflood/error.h"

namespace flashflood::arrow_export {
namespace {

constexpr std::size_t batch_rows_max = std::size_t{1} << 24;
constexpr std::size_t batch_bytes_min = std::size_t{64} << 10;
// Offsets into a column have 31 bits.
constexpr std::size_t batch_bytes_max = std::size_t{1} << 30;
static_assert(batch_bytes_max >= data_bytes_max + id_bytes_max);

struct Children {
  std::array<ArrowSchema, column_count> schemas{};
  std::array<ArrowSchema*, column_count> pointers{};
};

// A column owns nothing: its texts are constants, and its structure is part of the whole's memory.
void release_column(ArrowSchema* schema) { schema->release = nullptr; }

void release_whole(ArrowSchema* schema) {
  std::unique_ptr<Children> children(static_cast<Children*>(schema->private_data));
  for (ArrowSchema& child : children->schemas)
    if (child.release != nullptr) child.release(&child);
  schema->release = nullptr;
}

ArrowSchema column(const char* name, const char* format) {
  ArrowSchema schema{};
  schema.format = format;
  schema.name = name;
  schema.release = release_column;
  return schema;
}

}  // namespace

void check(const ArrowOptions& options) {
  if (options.batch_rows < 1 || options.batch_rows > batch_rows_max)
    throw InvalidArgument(fmt::format("batch_rows is {}; it has to be from 1 to {}",
                                      options.batch_rows, batch_rows_max));
  if (options.batch_bytes < batch_bytes_min || options.batch_bytes > batch_bytes_max)
    throw InvalidArgument(fmt::format("batch_bytes is {}; it has to be from {} to {}",
                                      options.batch_bytes, batch_bytes_min, batch_bytes_max));
}

ArrowSchema make_schema(ArrowOptions::Data data) {
  auto children = std::make_unique<Children>();
  children->schemas = {column("id", "u"), column("date", "tsu:UTC"), column("revision", "l"),
                       column("data", data == ArrowOptions::Data::string ? "u" : "z")};
  for (std::size_t i = 0; i < column_count; ++i) children->pointers[i] = &children->schemas[i];
  ArrowSchema schema{};
  schema.format = "+s";
  schema.name = "";
  schema.n_children = column_count;
  schema.children = children->pointers.data();
  schema.release = release_whole;
  schema.private_data = children.release();
  return schema;
}

}  // namespace flashflood::arrow_export

namespace flashflood {

ArrowSchema arrow_schema(const ArrowOptions& options) {
  arrow_export::check(options);
  return arrow_export::make_schema(options.data);
}

}  // namespace flashflood
