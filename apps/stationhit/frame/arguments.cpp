#include "frame/arguments.hpp"

namespace stationhit::app {

std::vector<std::string> normalized_arguments(int argc, const char* const* argv) {
  std::vector<std::string> arguments(argv + (argc > 0 ? 1 : 0), argv + argc);
  for (std::string& argument : arguments) {
    if (argument == "-ct") argument = "-c";
  }
  return arguments;
}

}  // namespace stationhit::app
