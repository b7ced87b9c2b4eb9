// manifest.json of a prepared set, of one of its splits and of a materialized split.
#include <stationhit/data/manifest.hpp>
#include <stationhit/materialized/manifest.hpp>

#include "fuzz_input.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace stationhit;
  static const fuzz::InputFile input(data::manifest_file_name);
  input.write(fuzz::as_text(data, size));
  fuzz::allow_refusal([] { (void)data::read_manifest(input.folder()); });
  fuzz::allow_refusal([] { (void)data::read_split_manifest(input.folder()); });
  fuzz::allow_refusal([] { (void)materialized::read_manifest(input.folder()); });
  (void)materialized::is_materialized_split(input.folder());
  return 0;
}
