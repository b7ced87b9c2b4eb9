#include "frame/program.hpp"
#include "frame/verbs.hpp"

int main(int argc, char** argv) {
  return stationhit::app::run_program(argc, argv, stationhit::app::add_verbs);
}
