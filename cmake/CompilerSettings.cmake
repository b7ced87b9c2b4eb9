# Language level, warnings (private to our targets), sanitizers, ccache.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Build type" FORCE)
endif()

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # The sloppiness is what ccache needs to cache units with a precompiled header; the base directory
  # lets checkouts share.
  set(
    CMAKE_CXX_COMPILER_LAUNCHER
    ${CMAKE_COMMAND}
    -E
    env
    CCACHE_BASEDIR=${PROJECT_SOURCE_DIR}
    CCACHE_NOHASHDIR=1
    CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
    ${CCACHE_PROGRAM}
  )
endif()

add_library(stationhit_warnings INTERFACE)
# -Wno-restrict: GCC 12 warns falsely about "literal" + std::string (GCC bug 105651).
target_compile_options(
  stationhit_warnings
  INTERFACE
    -Wall
    -Wextra
    -Wshadow
    -Wconversion
    -Wno-sign-conversion
    -Wnon-virtual-dtor
    -Wold-style-cast
    $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>
    $<$<BOOL:${STATIONHIT_WERROR}>:-Werror>
)
# Equality between backends (DEFINITIONS: no contraction) rules out fused multiply-add by the
# compiler.
add_library(stationhit_numerics INTERFACE)
target_compile_options(stationhit_numerics INTERFACE -ffp-contract=off)

if(STATIONHIT_SANITIZE)
  add_compile_options(
    -fsanitize=${STATIONHIT_SANITIZE}
    -fno-omit-frame-pointer
    -fno-sanitize-recover=all
  )
  add_link_options(-fsanitize=${STATIONHIT_SANITIZE})
endif()

# Programs find their libraries by RPATH, which comes before LD_LIBRARY_PATH. With the linker's
# default, RUNPATH, an environment with another ROOT or ONNX Runtime (LCG, asetup) would mix them.
add_link_options(LINKER:--disable-new-dtags)

# At most two LibTorch units compile at the same time: each takes about 2 GB.
set_property(GLOBAL APPEND PROPERTY JOB_POOLS torch_pool=2)
