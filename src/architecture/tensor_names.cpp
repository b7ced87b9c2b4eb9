#include <string_view>

#include <stationhit/architecture/tensor_names.hpp>

namespace stationhit::architecture {

std::string prefix_of(const Stage& encoding) {
  return encoding.name.substr(0, encoding.name.size() - std::string_view("encoding").size());
}

}  // namespace stationhit::architecture
