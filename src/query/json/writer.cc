#include "query/json/writer.h"

#include <array>
#include <vector>

#include "query/json/members.h"
#include "query/json/number.h"

namespace flashflood::query {
namespace {

constexpr char hex_digits[] = "0123456789abcdef";

class Writer {
 public:
  Writer(JsonStyle style, std::size_t bytes_max, std::string& out)
      : style_(style), size_max_(out.size() + bytes_max), out_(out) {
    if (size_max_ < bytes_max) size_max_ = out.max_size();
  }

  // Recursion is as deep as the value, which the limits of parsing and compiling bound.
  bool write(const Value& value) {
    switch (value.kind) {
      case Kind::expression:
      case Kind::null:
        out_.append("null");
        break;
      case Kind::boolean:
        out_.append(value.flag ? "true" : "false");
        break;
      case Kind::number:
        if (style_ == JsonStyle::ascii) {
          append_canonical(value, out_);
        } else {
          append_number(value, out_);
        }
        break;
      case Kind::string:
        write_string(value);
        break;
      case Kind::array:
        return write_array(value);
      case Kind::object:
        return write_object(value);
    }
    return fits();
  }

 private:
  bool fits() const { return out_.size() <= size_max_; }

  bool write_array(const Value& array) {
    out_.push_back('[');
    for (std::size_t i = 0; i < array.size; ++i) {
      if (i != 0) out_.push_back(',');
      if (!write(array.items[i])) return false;
    }
    out_.push_back(']');
    return fits();
  }

  bool write_object(const Value& object) {
    std::vector<Value> storage;
    auto members = unique_members(object, storage);
    out_.push_back('{');
    for (std::size_t i = 0; i < members.size(); i += 2) {
      if (i != 0) out_.push_back(',');
      write_string(members[i]);
      out_.push_back(':');
      if (!write(members[i + 1])) return false;
    }
    out_.push_back('}');
    return fits();
  }

  void write_string(const Value& string) {
    out_.push_back('"');
    std::string_view text = string.view();
    if (style_ == JsonStyle::ascii) {
      write_ascii(text);
    } else if (string.flag) {
      out_.append(text);
    } else {
      std::size_t begin = 0;
      for (std::size_t i = 0; i < text.size(); ++i) {
        if (!needs_escape(text[i])) continue;
        out_.append(text, begin, i - begin);
        write_escape(static_cast<unsigned char>(text[i]));
        begin = i + 1;
      }
      out_.append(text, begin);
    }
    out_.push_back('"');
  }

  static bool needs_escape(char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\';
  }

  void write_ascii(std::string_view text) {
    for (std::size_t i = 0; i < text.size();) {
      auto lead = static_cast<unsigned char>(text[i++]);
      if (lead < 0x7F) {
        if (needs_escape(static_cast<char>(lead))) {
          write_escape(lead);
        } else {
          out_.push_back(static_cast<char>(lead));
        }
        continue;
      }
      int rest = lead < 0xC0 ? 0 : lead < 0xE0 ? 1 : lead < 0xF0 ? 2 : 3;
      unsigned code = rest == 0 ? lead : lead & (0x3FU >> rest);
      for (; rest > 0 && i < text.size(); --rest) {
        code = (code << 6) | (static_cast<unsigned char>(text[i++]) & 0x3F);
      }
      if (code >= 0x10000) {
        write_unit(0xD800 + ((code - 0x10000) >> 10));
        write_unit(0xDC00 + ((code - 0x10000) & 0x3FF));
      } else {
        write_unit(code);
      }
    }
  }

  void write_escape(unsigned char c) {
    switch (c) {
      case '"':
        out_.append("\\\"");
        break;
      case '\\':
        out_.append("\\\\");
        break;
      case '\b':
        out_.append("\\b");
        break;
      case '\f':
        out_.append("\\f");
        break;
      case '\n':
        out_.append("\\n");
        break;
      case '\r':
        out_.append("\\r");
        break;
      case '\t':
        out_.append("\\t");
        break;
      default:
        write_unit(c);
    }
  }

  void write_unit(unsigned code) {
    out_.append("\\u");
    for (int shift = 12; shift >= 0; shift -= 4) out_.push_back(hex_digits[(code >> shift) & 0xF]);
  }

  JsonStyle style_;
  std::size_t size_max_;
  std::string& out_;
};

}  // namespace

bool append_json(const Value& value, JsonStyle style, std::size_t bytes_max, std::string& out) {
  return Writer(style, bytes_max, out).write(value);
}

}  // namespace flashflood::query
