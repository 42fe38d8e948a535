"""Small words for choices.py, as fold() leaves them, in Albanian, Serbian, German, English and Turkish."""

from conversations.readers.fold import words

YES = words(
    "yes yeah yep yup yea jep jap ja jaa jaja jawohl klar gerne genau natuerlich naturlich po poo popo da "
    "daa dada ok okay okej oke okey sure naravno svakako patjeter natyrisht sigurisht ani qashtu passt "
    "vazi moze evet tamam olur peki aynen"
)
NO = words(
    "no nope nah noo jo joo jojo jok mos ne nee nein nain nix nikako never nuk hic hiq kurre nikad nicht "
    "nie gar hayir yok olmaz istemem"
)
COURTESY = words(
    "please thanks thank you faleminderit flm hvala danke bitte molim lutem ju vas te bre besa "
    "lutfen tesekkurler tesekkur ederim sagolun"
)

# A text with one of these means the opposite of the same text without it.
NEGATIONS = words(
    "no not dont doesnt didnt havent hasnt isnt arent cant cannot wont never none without neither nor "
    "nobody nothing jo nuk mos pa as asnje asnji asgje kurre skam skom ska skemi skena sjam sjom seshte "
    "sosht sdi sdu sdua smuj smun smund smundem skisha ske ski skane spo sduhet hic hiq ne nisam nisi "
    "nije nismo niste nisu nemam nemas nema nemamo nemate nemaju necu nece necemo neznam nemogu nemoj "
    "nemojte bez nikad nista nijedan nijedna nijedno nein nicht nich net nix kein keine keinen keinem "
    "keiner nie niemals nichts ohne weder hayir yok degil hic hicbir istemiyorum istemem olmaz"
)

FUNCTION_WORDS = words(
    "the a an one please i my me to of for and want would like it that this in on with about e te ne n "
    "nje ni per dua du ju lutem dhe kete u na sa za se je hocu zelim molim da der die das den dem ein "
    "eine ich mochte will bitte und zu fur mit ve ile icin istiyorum isterim lutfen"
) - NEGATIONS

BEFORE_NUMBER = words(
    "nr no num nummer number numer numri numra broj br opcija opcioni opsioni option answer antwort "
    "pergjigja odgovor the der die das e i te punkt pika me za"
)

ORDINALS = (
    "first 1st pari para pare parin prvi prva prvo prvu prvog erste erster erstes ersten birinci birincisi",
    "second 2nd dyti dyta dyten drugi druga drugo drugu zweite zweiter zweites zweiten ikinci ikincisi",
    "third 3rd treti treta treten treci treca trece trecu dritte dritter drittes dritten ucuncu ucuncusu",
    "fourth 4th katerti katerta cetvrti cetvrta cetvrto cetvrtu vierte vierter viertes vierten dorduncu dorduncusu",
    "fifth 5th pesti pesta peti peta peto petu funfte fuenfte funfter funftes funften besinci besincisi",
    "sixth 6th gjashti gjashta sesti sesta sesto sestu sechste sechster sechstes altinci",
    "seventh 7th shtati shtata sedmi sedma sedmo sedmu siebte siebter siebtes yedinci",
    "eighth 8th teti teta osmi osma osmo osmu achte achter achtes sekizinci",
    "ninth 9th nenti nenta deveti deveta deveto devetu neunte neunter neuntes dokuzuncu",
    "tenth 10th dhjeti dhjeta deseti deseta deseto desetu zehnte zehnter zehntes onuncu",
)
LAST = words(
    "last letzte letzter letztes letzten fundit poslednja poslednji poslednje poslednju zadnja zadnji sonuncu sonuncusu"
)
