// Files of named tensors: weights, checkpoints, parts of materialized splits.
#include <stationhit/data/safetensors.hpp>

#include "fuzz_input.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace stationhit;
  static const fuzz::InputFile input("input.safetensors");
  input.write(fuzz::as_text(data, size));
  fuzz::allow_refusal([] {
    const data::SafetensorsFile file(input.path());
    std::uint64_t sum = 0;
    for (const std::string& name : file.names())
      for (const std::byte byte : file.at(name).bytes) sum += static_cast<std::uint64_t>(byte);
    volatile std::uint64_t seen = sum;
    (void)seen;
  });
  return 0;
}
