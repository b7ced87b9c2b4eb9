// YAML files that users write. The first byte says which kind the rest is.
#include <stationhit/config/load.hpp>
#include <stationhit/config/run_config.hpp>
#include <stationhit/config/tune_space.hpp>
#include <stationhit/data/prepare_config.hpp>
#include <stationhit/simulation/simulation_config.hpp>

#include "fuzz_input.hpp"

namespace stationhit {
namespace {

template <class Config>
void parse(std::string_view yaml) {
  fuzz::allow_refusal([&] {
    const auto config = config::parse_text<Config>(yaml, "input.yaml");
    // What is accepted can be written and read again.
    (void)config::parse_text<Config>(config::dump(config), "dump");
  });
}

void parse_statistics(std::string_view yaml) {
  static const fuzz::InputFile input("input.yaml");
  input.write(yaml);
  fuzz::allow_refusal([] { (void)config::load_normalization_stats(input.path()); });
  fuzz::allow_refusal([] { (void)config::recognize(input.path()); });
}

}  // namespace
}  // namespace stationhit

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace stationhit;
  if (size == 0) return 0;
  const std::string_view yaml = fuzz::as_text(data + 1, size - 1);
  static const config::RunConfig run;
  switch (data[0] % 5) {
    case 0:
      parse<config::RunConfig>(yaml);
      break;
    case 1:
      parse<data::PrepareConfig>(yaml);
      break;
    case 2:
      parse<simulation::SimulationConfig>(yaml);
      break;
    case 3:
      fuzz::allow_refusal([&] { (void)config::parse_tune_space(yaml, "input.yaml", run); });
      break;
    default:
      parse_statistics(yaml);
  }
  return 0;
}
