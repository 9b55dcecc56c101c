#include "store/s3/s3_xml.h"

#include <pugixml.hpp>

#include "base/text.h"
#include "flashflood/error.h"
#include "flashflood/event.h"
#include "store/aws/percent.h"

namespace flashflood {
namespace {

std::string_view local_name(const pugi::xml_node& node) {
  const std::string_view name = node.name();
  const std::size_t colon = name.find(':');
  return colon == name.npos ? name : name.substr(colon + 1);
}

pugi::xml_node child(const pugi::xml_node& parent, std::string_view name) {
  return parent.find_child([&](const pugi::xml_node& node) { return local_name(node) == name; });
}

std::string text_of(const pugi::xml_node& parent, std::string_view name) {
  return child(parent, name).text().get();
}

// The root of a whole document with that name; else nothing. Entities of a DTD are not expanded.
pugi::xml_node load(pugi::xml_document& document, BytesView body, std::string_view root) {
  if (!document.load_buffer(body.data(), body.size())) return {};
  const pugi::xml_node node = document.document_element();
  return local_name(node) == root ? node : pugi::xml_node();
}

pugi::xml_node expect(pugi::xml_document& document, BytesView body, std::string_view root) {
  const pugi::xml_node node = load(document, body, root);
  if (!node) {
    throw StoreUnavailable("the answer of the server is not the XML that S3 gives here (" +
                           std::string(root) + "); is the endpoint one of S3?");
  }
  return node;
}

// AWS writes a blank as '+'. Servers that do not write it so leave '+' as it is.
std::string decoded_key(std::string_view key, std::string_view prefix) {
  std::string decoded = form_decoded(key);
  if (decoded.starts_with(prefix) || key.find('+') == key.npos) return decoded;
  std::string literal = percent_decoded(key);
  return literal.starts_with(prefix) ? literal : decoded;
}

StoreTimestamp parse_date(std::string_view text) {
  try {
    return parse_timestamp(text);
  } catch (const InvalidArgument&) {
    throw StoreUnavailable("the answer of the server has a date that is none: " + quote(text));
  }
}

std::uint64_t parse_size(std::string_view text) {
  const std::optional<std::uint64_t> size = parse_decimal(text);
  if (!size) {
    throw StoreUnavailable("the answer of the server has a size that is none: " + quote(text));
  }
  return *size;
}

void append_escaped(Bytes& out, std::string_view text) {
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
}

}  // namespace

std::optional<S3ErrorBody> parse_s3_error(BytesView body) {
  pugi::xml_document document;
  const pugi::xml_node error = load(document, body, "Error");
  if (!error) return std::nullopt;
  return S3ErrorBody{text_of(error, "Code"), text_of(error, "Message"), text_of(error, "Region")};
}

S3Listing parse_s3_listing(BytesView body, std::string_view prefix) {
  pugi::xml_document document;
  const pugi::xml_node root = expect(document, body, "ListBucketResult");
  const bool encoded = text_of(root, "EncodingType") == "url";
  S3Listing listing;
  for (const pugi::xml_node& node : root.children()) {
    if (local_name(node) != "Contents") continue;
    // A page has a thousand of these, so each is gone through once.
    std::string_view key, size, modified, etag;
    for (const pugi::xml_node& field : node.children()) {
      const std::string_view name = local_name(field);
      if (name == "Key") {
        key = field.text().get();
      } else if (name == "Size") {
        size = field.text().get();
      } else if (name == "LastModified") {
        modified = field.text().get();
      } else if (name == "ETag") {
        etag = field.text().get();
      }
    }
    listing.objects.push_back({encoded ? decoded_key(key, prefix) : std::string(key),
                               parse_size(size), parse_date(modified), std::string(etag)});
  }
  const std::string truncated = text_of(root, "IsTruncated");
  if (truncated != "true" && truncated != "false") {
    throw StoreUnavailable("the server's listing does not say whether it is complete");
  }
  listing.truncated = truncated == "true";
  return listing;
}

S3Uploads parse_s3_uploads(BytesView body, std::string_view prefix) {
  pugi::xml_document document;
  const pugi::xml_node root = expect(document, body, "ListMultipartUploadsResult");
  const bool encoded = text_of(root, "EncodingType") == "url";
  const auto decoded = [&](std::string text) { return encoded ? decoded_key(text, prefix) : text; };
  S3Uploads uploads;
  for (const pugi::xml_node& node : root.children()) {
    if (local_name(node) != "Upload") continue;
    uploads.uploads.push_back({decoded(text_of(node, "Key")), text_of(node, "UploadId"),
                               parse_date(text_of(node, "Initiated"))});
  }
  uploads.truncated = text_of(root, "IsTruncated") == "true";
  uploads.next_key = decoded(text_of(root, "NextKeyMarker"));
  uploads.next_id = text_of(root, "NextUploadIdMarker");
  return uploads;
}

std::string parse_s3_upload_id(BytesView body) {
  pugi::xml_document document;
  std::string id = text_of(expect(document, body, "InitiateMultipartUploadResult"), "UploadId");
  if (id.empty()) throw StoreUnavailable("the server began an upload and gave it no id");
  return id;
}

bool parse_s3_complete(BytesView body) {
  pugi::xml_document document;
  const pugi::xml_node root = load(document, body, "CompleteMultipartUploadResult");
  return root && child(root, "ETag");  // which radosgw 16 leaves empty
}

std::vector<S3DeleteError> parse_s3_delete(BytesView body) {
  pugi::xml_document document;
  const pugi::xml_node root = expect(document, body, "DeleteResult");
  std::vector<S3DeleteError> errors;
  for (const pugi::xml_node& node : root.children()) {
    if (local_name(node) != "Error") continue;
    errors.push_back({text_of(node, "Key"), text_of(node, "Code"), text_of(node, "Message")});
  }
  return errors;
}

Bytes format_s3_delete(std::span<const std::string> keys) {
  Bytes out = R"(<Delete xmlns="http://s3.amazonaws.com/doc/2006-03-01/">)";
  for (const std::string& key : keys) {
    out += "<Object><Key>";
    append_escaped(out, key);
    out += "</Key></Object>";
  }
  out += "<Quiet>true</Quiet></Delete>";
  return out;
}

Bytes format_s3_complete(std::span<const S3Part> parts) {
  Bytes out = R"(<CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/">)";
  for (std::size_t i = 0; i < parts.size(); ++i) {
    out += "<Part>";
    if (!parts[i].crc32c.empty()) out += "<ChecksumCRC32C>" + parts[i].crc32c + "</ChecksumCRC32C>";
    out += "<ETag>";
    append_escaped(out, parts[i].etag);
    out += "</ETag><PartNumber>" + std::to_string(i + 1) + "</PartNumber></Part>";
  }
  out += "</CompleteMultipartUpload>";
  return out;
}

}  // namespace flashflood
