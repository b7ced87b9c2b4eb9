#include <array>
#include <cstdio>

#include <stationhit/core/technology.hpp>

#include "description_text.hpp"

namespace stationhit::app {
namespace {

using core::Technology;

std::string technology_lines() {
  std::string text;
  for (const Technology technology : {Technology::mdt, Technology::csc, Technology::rpc,
                                      Technology::tgc, Technology::stgc, Technology::mm}) {
    std::array<char, 80> line{};
    std::snprintf(line.data(), line.size(), "%6u  %s%s\n", static_cast<unsigned>(technology),
                  std::string(core::name(technology)).c_str(),
                  technology == Technology::csc ? ", not in Run 4" : "");
    text += line.data();
  }
  return text;
}

std::string station_lines() {
  std::string text;
  for (const core::Station& station : core::stations()) {
    std::array<char, 80> line{};
    std::snprintf(line.data(), line.size(), "%6u  %-5s %-6s %-8s approximate\n",
                  unsigned{station.index}, std::string(station.name).c_str(),
                  std::string(core::name(station.layer)).c_str(),
                  station.large ? "large" : "small");
    text += line.data();
  }
  return text;
}

}  // namespace

std::string codes_text() {
  return "spacePoint_technology (source: the ntuple)\n  code  name\n" + technology_lines() +
         "\nspacePoint_stationIndex, bucket_stationIndex (source: public reconstruction code, not "
         "confirmed by the experiment)\n  code  name  layer  sectors  source\n" +
         station_lines();
}

}  // namespace stationhit::app
