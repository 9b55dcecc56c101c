// The inner loop that finds tokens, included once for each SimdLevel inside a namespace of its own
// that says what 64 bytes of text are:
//
//   FLASHFLOOD_KERNEL   the attributes of functions that use the level's instructions
//   Block               64 bytes
//   load                from memory
//   quotes, backslashes, operators, blanks
//                       bit i for byte i: where there is a quote, ... Some control characters may
//                       be among the operators.
//   Extremes            of the bytes seen: add(block, in_string), has_controls() within strings,
//                       is_ascii()
//   gather              puts the positions and the bytes of the bits that are set behind one
//   another fold                bit i of the result: whether the number of bits up to bit i is odd
//
// Threads: pure functions.

// The bits of bytes that an escape before them changes; `carry`: whether the first byte is such
// one, and then, whether the byte behind the last one is.
FLASHFLOOD_KERNEL std::uint64_t escaped_bytes(std::uint64_t backslashes, std::uint64_t& carry) {
  std::uint64_t escaped = carry;
  carry = 0;
  backslashes &= ~escaped;
  while (backslashes != 0) {
    const std::uint64_t first = backslashes & (~backslashes + 1);
    if (first >> 63 != 0) carry = 1;
    escaped |= first << 1;
    backslashes &= ~(first | first << 1);
  }
  return escaped;
}

// What one block hands on to the next.
struct Carries {
  std::uint64_t escaped = 0;
  std::uint64_t in_string = 0;  // all bits or none
  std::uint64_t scalar = 0;     // a number or word goes on
  std::uint64_t backslashes = 0;
};

FLASHFLOOD_KERNEL void scan_block(const Block& block, std::uint32_t at, Carries& carries,
                                  Extremes& extremes, const ScanTarget& target,
                                  std::size_t& tokens) {
  const std::uint64_t backslashes = block.backslashes();
  carries.backslashes |= backslashes;
  std::uint64_t quotes = block.quotes();
  if ((backslashes | carries.escaped) != 0) [[unlikely]] {
    quotes &= ~escaped_bytes(backslashes, carries.escaped);
  }
  // From the opening quote up to the byte before the closing one.
  const std::uint64_t in_string = fold(quotes) ^ carries.in_string;
  carries.in_string = static_cast<std::uint64_t>(static_cast<std::int64_t>(in_string) >> 63);
  extremes.add(block, in_string);

  const std::uint64_t operators = block.operators();
  const std::uint64_t words = ~(operators | block.blanks() | quotes);
  const std::uint64_t behind_words = words << 1 | carries.scalar;
  carries.scalar = words >> 63;
  // A quote that follows a word at once begins no token; what is wrong there is found at the word.
  const std::uint64_t starts =
      (operators | ((words | quotes) & ~behind_words)) & ~(in_string ^ quotes);

  target.starts[at / 64] = starts;
  target.ranks[at / 64] = static_cast<std::uint32_t>(tokens);
  gather(block, starts, words, at, target.positions + tokens, target.kinds + tokens);
  tokens += static_cast<std::size_t>(std::popcount(starts));
}

FLASHFLOOD_KERNEL ScanOutcome scan(const char* text, std::size_t size, const ScanTarget& target) {
  Carries carries;
  Extremes extremes;
  std::size_t tokens = 0;
  std::size_t at = 0;
  for (; size - at >= 64; at += 64) {
    // What comes next is likely to be asked for next: while these tokens are worked on, it arrives.
    prefetch(text, at + prefetch_bytes);
    scan_block(Block(text + at), static_cast<std::uint32_t>(at), carries, extremes, target, tokens);
  }
  // What is left may be nothing: the end of the text has a block, too.
  char rest[64];
  std::memset(rest, ' ', sizeof rest);
  std::memcpy(rest, text + at, size - at);
  scan_block(Block(rest), static_cast<std::uint32_t>(at), carries, extremes, target, tokens);
  return {.tokens = tokens,
          .is_closed = carries.in_string == 0,
          .has_controls = extremes.has_controls(),
          .is_ascii = extremes.is_ascii(),
          .has_escapes = carries.backslashes != 0};
}
