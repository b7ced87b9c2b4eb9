#include "validation_part.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace stationhit::training {
namespace {

// Visits the columns of parts in one order.
template <class Part, class Visit>
void for_each_column(Part& part, Visit&& visit) {
  visit(part.loss);
  visit(part.nodes);
  visit(part.hits);
  visit(part.score);
  visit(part.label);
  visit(part.stopped);
}

void append(std::string& bytes, const void* data, std::size_t size) {
  bytes.append(static_cast<const char*>(data), size);
}

void take(std::string_view& bytes, void* data, std::size_t size) {
  std::memcpy(data, bytes.data(), size);
  bytes.remove_prefix(size);
}

// Reads one part event by event.
class PartReader {
 public:
  explicit PartReader(const ValidationPart& part) : part_(part) {}

  [[nodiscard]] bool at_end() const { return event_ == part_.loss.size(); }

  void append_next_to(ValidationPart& all) {
    const auto copy = [](const auto& from, std::size_t begin, std::size_t n, auto& to) {
      to.insert(to.end(), from.data() + begin, from.data() + begin + n);
    };
    const std::size_t n_hits = part_.hits[event_];
    copy(part_.loss, event_, 1, all.loss);
    copy(part_.nodes, event_, 1, all.nodes);
    copy(part_.hits, event_, 1, all.hits);
    copy(part_.score, first_hit_, n_hits, all.score);
    copy(part_.label, first_hit_, n_hits, all.label);
    first_hit_ += n_hits;
    ++event_;
  }

 private:
  const ValidationPart& part_;
  std::size_t event_ = 0, first_hit_ = 0;
};

bool is_stopped(const ValidationPart& part) { return part.stopped.front() != 0; }

}  // namespace

std::string to_bytes(const ValidationPart& part) {
  std::string bytes;
  for_each_column(part, [&bytes](const auto& column) {
    const std::uint64_t n = column.size();
    append(bytes, &n, sizeof n);
    append(bytes, column.data(), n * sizeof column[0]);
  });
  return bytes;
}

ValidationPart validation_part_from(std::string_view bytes) {
  ValidationPart part;
  for_each_column(part, [&bytes](auto& column) {
    std::uint64_t n = 0;
    take(bytes, &n, sizeof n);
    column.resize(n);
    if (n > 0) take(bytes, column.data(), n * sizeof column[0]);
  });
  return part;
}

ValidationPart merge_parts(const std::vector<ValidationPart>& parts) {
  ValidationPart all;
  all.stopped.push_back(std::ranges::any_of(parts, is_stopped) ? 1 : 0);
  if (is_stopped(all)) return all;
  std::vector<PartReader> readers(parts.begin(), parts.end());
  for (std::size_t event = 0; !readers[event % parts.size()].at_end(); ++event)
    readers[event % parts.size()].append_next_to(all);
  return all;
}

ValidationPart gather_parts(const Ranks& ranks, ValidationPart own) {
  if (ranks.size() == 1) return own;
  std::vector<ValidationPart> parts;
  for (const std::string& bytes : ranks.exchange(to_bytes(own)))
    parts.push_back(validation_part_from(bytes));
  return merge_parts(parts);
}

}  // namespace stationhit::training
