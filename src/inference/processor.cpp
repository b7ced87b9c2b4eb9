#include "processor.hpp"

#include <sstream>
#include <string>

namespace stationhit::inference {

Vnni find_vnni(std::istream& cpuinfo) {
  for (std::string line; std::getline(cpuinfo, line);) {
    if (!line.starts_with("flags")) continue;
    std::istringstream words(line);
    for (std::string word; words >> word;)
      if (word == "avx512_vnni" || word == "avx_vnni") return Vnni::present;
    return Vnni::missing;
  }
  return Vnni::not_x86;
}

}  // namespace stationhit::inference
