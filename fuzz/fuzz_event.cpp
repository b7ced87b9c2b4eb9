// Events of a caller: any values in any column, columns of different lengths, buckets that do not
// fit the hits. The model is two_stage, which takes most features and looks at the whole event.
#include <algorithm>
#include <cstring>
#include <type_traits>

#include <stationhit/core/event.hpp>
#include <stationhit/inference/hit_classifier.hpp>

#include "fuzz_input.hpp"

namespace stationhit {
namespace {

// Takes values off the input, zeros at its end.
class Bytes {
 public:
  Bytes(const std::uint8_t* data, std::size_t size) : data_(data), size_(size) {}
  template <class T>
  T take() {
    T value{};
    const std::size_t n = std::min(sizeof value, size_);
    std::memcpy(&value, data_, n);
    data_ += n;
    size_ -= n;
    return value;
  }

 private:
  const std::uint8_t* data_;
  std::size_t size_;
};

core::Event read_event(Bytes& bytes) {
  core::Event event;
  const std::size_t n_hits = bytes.take<std::uint8_t>();
  // Columns of other lengths are bad input too.
  const std::uint8_t shorter = bytes.take<std::uint8_t>();
  std::uint8_t column = 0;
  core::for_each_hit_column([&](const char*, auto member) {
    auto& values = event.hits.*member;
    values.resize(++column == shorter ? n_hits / 2 : n_hits);
    for (auto& value : values) value = bytes.take<std::remove_reference_t<decltype(value)>>();
  });
  const std::size_t n_buckets = bytes.take<std::uint8_t>() % 8;
  core::for_each_bucket_column([&](const char*, auto member) {
    auto& values = event.buckets.*member;
    values.resize(n_buckets);
    for (auto& value : values) value = bytes.take<std::remove_reference_t<decltype(value)>>();
  });
  event.buckets.offsets.resize(n_buckets == 0 ? 0 : n_buckets + 1);
  for (auto& offset : event.buckets.offsets) offset = bytes.take<std::uint8_t>();
  event.buckets.hits.resize(bytes.take<std::uint8_t>());
  for (auto& hit : event.buckets.hits) hit = bytes.take<std::uint8_t>();
  return event;
}

}  // namespace
}  // namespace stationhit

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace stationhit;
  static const inference::HitClassifier classifier(STATIONHIT_SOURCE_MODELS
                                                   "/two_stage/model.onnx");
  Bytes bytes(data, size);
  const core::Event event = read_event(bytes);
  fuzz::allow_refusal([&] { (void)classifier.scores(event); });
  return 0;
}
