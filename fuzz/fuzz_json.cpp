// JSON texts inside models, checkpoints and results. The first byte says which kind the rest is.
#include <stationhit/architecture/model_config_json.hpp>
#include <stationhit/evaluation/test_results.hpp>
#include <stationhit/graph/graph_config.hpp>
#include <stationhit/training/checkpoint_metadata.hpp>

#include "fuzz_input.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace stationhit;
  if (size == 0) return 0;
  const std::string json(fuzz::as_text(data + 1, size - 1));
  switch (data[0] % 4) {
    case 0:
      fuzz::allow_refusal([&] { (void)graph::from_json(json, "input"); });
      break;
    case 1:
      fuzz::allow_refusal([&] { (void)architecture::model_config_from_json(json); });
      break;
    case 2:
      fuzz::allow_refusal([&] {
        (void)evaluation::card_results_markdown(evaluation::read_card_results(json, "input"));
      });
      break;
    default:
      fuzz::allow_refusal([&] { (void)training::metadata_from_json(json, "input"); });
  }
  return 0;
}
