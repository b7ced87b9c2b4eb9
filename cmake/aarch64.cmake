# Cross-compiles for 64-bit ARM; programs run under QEMU. STATIONHIT_AARCH64_ROOT holds the packages
# of that architecture (tools/test_aarch64.sh makes it).
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_CXX_COMPILER aarch64-linux-gnu-g++)
set(CMAKE_C_COMPILER aarch64-linux-gnu-gcc)
set(CMAKE_LIBRARY_ARCHITECTURE aarch64-linux-gnu)
set(CMAKE_FIND_ROOT_PATH "${STATIONHIT_AARCH64_ROOT}" "${STATIONHIT_AARCH64_ROOT}/usr")
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
foreach(kind LIBRARY INCLUDE PACKAGE)
  set(CMAKE_FIND_ROOT_PATH_MODE_${kind} ONLY)
endforeach()
set(CMAKE_TRY_COMPILE_PLATFORM_VARIABLES STATIONHIT_AARCH64_ROOT)
set(
  CMAKE_CROSSCOMPILING_EMULATOR
  qemu-aarch64
  -cpu
  "${STATIONHIT_AARCH64_CPU}"
  -L
  /usr/aarch64-linux-gnu
  -E
  "LD_LIBRARY_PATH=${STATIONHIT_AARCH64_ROOT}/usr/lib/aarch64-linux-gnu"
)
