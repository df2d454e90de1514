"""`python -m demo.client` installs the packages of the independent client, once."""

from demo.client.node import install

if __name__ == "__main__":
    install()
