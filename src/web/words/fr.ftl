# The interface in French; no-break spaces stand before `: ; ? ! %` and inside « ».

## Every page

product = Backchannel
skip = Aller au contenu
search-tickets = Rechercher un ticket
search-hint = Rechercher
sign-in = Se connecter
sign-out = Se déconnecter
to-inbox = Aller à la boîte de réception
inbox = Boîte de réception
no-subject = Sans objet
being-read = Lecture en cours
switch-language = Langue
switch-theme = Thème
theme-system = Selon le système
theme-light = Clair
theme-dark = Sombre

## Inbox

inbox-caption = Tickets, du plus récent au plus ancien
inbox-filter-status = Filtrer par statut
inbox-filter-group = Filtrer par groupe
inbox-every-status = Tous
inbox-every-group = Tous les groupes
inbox-column-ticket = Ticket
inbox-column-status = Statut
inbox-column-intent = Motif
inbox-column-sentiment = Ressenti
inbox-column-priority = Priorité
inbox-column-group = Groupe
inbox-column-language = Langue
inbox-column-age = Âge
inbox-unclear = À trier à la main
inbox-pending =
    { $count ->
        [one] { $count } ticket est encore en cours de lecture.
       *[other] { $count } tickets sont encore en cours de lecture.
    }
inbox-refresh = Actualiser
inbox-found = Tickets qui correspondent à « { $text } ».
inbox-clear-search = Effacer la recherche
inbox-pages = Pages
inbox-newest = Les plus récents
inbox-older = Tickets plus anciens
inbox-no-match = Aucun ticket ne correspond
inbox-no-match-help = Essayez avec moins de mots, un autre statut ou un autre groupe.
inbox-show-all = Afficher tous les tickets
inbox-on-the-way = Vos tickets arrivent
inbox-on-the-way-help = Ils s’affichent ici dès que les premiers ont été lus.
inbox-empty = Aucun ticket pour l’instant
inbox-empty-help = Les tickets s’affichent ici dès leur arrivée. Vous pouvez en ajouter de trois façons :
inbox-way-file = À partir d’un fichier
inbox-way-api = Par l’API
inbox-way-demo = Avec une entreprise fictive

## Ticket: head, conversation, composer

ticket-neighbours = Tickets de cette liste
ticket-show = Afficher
ticket-conversation = Conversation
ticket-suggestions = Suggestions
ticket-assigned = Attribué à { $name }
said-customer = Client
said-agent = Réponse publique
said-note = Note interne
talk-quoted = Texte cité
talk-signature = Signature
talk-side-conversation = Conversation annexe
talk-with = Avec { $people }
talk-messages =
    { $count ->
        [one] { $count } message
       *[other] { $count } messages
    }
talk-whole = Afficher tout le texte
talk-latest = Afficher les derniers messages
talk-earlier =
    { $count ->
        [one] Afficher { $count } message antérieur
       *[other] Afficher { $count } messages antérieurs
    }
files = Fichiers
file-waiting = lecture en cours
file-searchable = texte indexé
file-refused = lecture impossible
file-claims = Se présente comme { $kind } et ne l’est pas : enregistrez-le seulement si vous l’attendez.
file-pick = Joindre des fichiers
file-limit = { $size } au plus par fichier. Vous pouvez aussi les déposer ici.
file-cancel = Annuler
file-remove = Retirer
file-uploaded = envoyé
file-too-large = dépasse { $size }
file-failed = n’est pas arrivé : réessayez
write = Rédiger
write-kind = Qui lira ce texte
write-reply = Réponse
write-note = Note interne
write-body = Texte
write-hint = Écrivez ici, ou partez d’une suggestion
write-reply-help = Pour le client. Conservé ici : rien n’est encore envoyé.
write-note-help = Seuls vos collègues liront ce texte.
write-add = Ajouter
live-on = En direct
live-off = Reconnexion…
live-changed = De nouvelles suggestions sont disponibles.
live-show = Les afficher
live-failed = Les suggestions n’ont pas pu être actualisées. Rechargez la page pour réessayer.

## Ticket: the panel's parts

panel-jumps = Parties des suggestions
jump-next-step = Suite
jump-reply = Réponse
jump-passages = Articles
jump-similar = Tickets
jump-people = Contacts
jump-loose-ends = À suivre
panel-why = Pourquoi :
panel-closest = Le plus proche :
panel-made = Préparé le
panel-preparing = Lecture du ticket et recherche de réponses…
panel-preparing-noscript = Rechargez cette page dans quelques secondes.
cite = Source { $number }, { $title }
cite-quote = { $title } : « { $quote } »
thumb-up = Utile
thumb-up-for = Utile : { $what }
thumb-down = Pas utile
thumb-down-for = Pas utile : { $what }
thumb-thanks = C’est noté
thumb-failed = Non enregistré. Réessayez.

customer = Client
# A date follows.
customer-since = Client depuis le
customer-prefers = Langue préférée : { $language }
customer-orders = Commandes
customer-earlier-orders =
    { $count ->
        [one] { $count } commande antérieure
       *[other] { $count } commandes antérieures
    }
customer-other-tickets =
    { $count ->
        [one] { $count } autre ticket
       *[other] { $count } autres tickets
    }

triage = Qualification
triage-intent = Motif
triage-sentiment = Ressenti
triage-urgency = Urgence
triage-language = Langue
triage-priority = Priorité
triage-route = Orientation
route-rule = Selon la règle : { $because }
route-head = D’après { $because }
triage-tags = Étiquettes
triage-entities = Repéré dans le texte
entity-check-right = clé de contrôle correcte
entity-check-wrong = clé de contrôle incorrecte
entity-personal = donnée personnelle : masquée dans l’index et les journaux
triage-duplicates = Doublon possible de
probability = Probabilité
probability-none = pas encore étalonné

next-step = Prochaine étape
next-step-done = Rien à faire : ce ticket est résolu.
summary = Résumé
threads = Conversations annexes
thread-asked = Demandé
thread-answered = Répondu
thread-also = Aussi
thread-waiting-on = En attente de { $name }
# A date follows.
since = depuis le

reply-draft = Brouillon de réponse
draft-copy = Copier
draft-copied = Copié
draft-insert = Utiliser en réponse
draft-edit = Modifier d’abord
thread-draft = Conversation annexe à ouvrir
thread-draft-to = À
thread-draft-subject = Objet
thread-draft-body = Message
thread-draft-open = Ouvrir la conversation annexe

passages = Dans la base de connaissances
passage-show-all = Tout afficher
# A date follows.
passage-updated = Mis à jour le
similar-tickets = Tickets similaires
similar-solved-by = Résolu par :
similar-threads = Déjà répondu
experts = À qui demander
expert-outsider = externe à l’entreprise
expert-open-threads =
    { $count ->
        [one] { $count } question en attente
       *[other] { $count } questions en attente
    }
channel-usual-reply = Répond d’habitude en { $time }
channel-expected-reply = Réponse attendue en { $time }
channel-threads =
    { $count ->
        [0] (aucun échange pour l’instant)
        [one] (d’après { $count } échange)
       *[other] (d’après { $count } échanges)
    }
loose-ends = Points en suspens
loose-end-not-relayed = Le client n’en sait encore rien
loose-end-stalled = Toujours sans réponse
loose-end-open-on-solved = Encore ouverte sur un ticket résolu
sources = Sources

## Questions about a ticket

ask = Poser une question
ask-go = Demander
ask-question = Une question sur ce ticket
ask-hint = Qu’a dit le transporteur ?
ask-busy = Lecture…
ask-failed = Sans réponse. Réessayez.
ask-nothing = Rien de ce qui a été lu n’y répond. Demandez à un collègue.
ask-read = Lu pour répondre : { $comments } · { $threads } · { $passages }
ask-comments =
    { $count ->
        [one] { $count } commentaire
       *[other] { $count } commentaires
    }
ask-threads =
    { $count ->
        [one] { $count } conversation annexe
       *[other] { $count } conversations annexes
    }
ask-passages =
    { $count ->
        [one] { $count } passage
       *[other] { $count } passages
    }

## Signing in and setting up

sign-in-hello = Heureux de vous revoir
sign-in-confirm = Vous êtes sur le point de vous connecter à Backchannel sur cet appareil.
sign-in-note = Le lien ne fonctionne qu’une fois. Si vous ne l’avez pas demandé, fermez cette page ; rien ne s’est passé.
sign-in-spent = Ce lien ne fonctionne plus
sign-in-spent-help = Il a déjà servi, ou il est trop ancien. Un lien fonctionne une seule fois et peu de temps.
sign-in-needed = Vous vous connectez avec un lien à usage unique. Ouvrez celui que vous avez reçu sur cet appareil.
sign-in-new-link = Un administrateur de votre espace de travail peut vous envoyer un nouveau lien ; sur le serveur, `backchannel sign-in-link` en affiche un.
set-up = Mise en service
set-up-title = Bienvenue dans Backchannel
set-up-help = Personne ne s’est encore connecté ici. Vous serez le premier compte administrateur.
set-up-name = Votre nom
set-up-email = Votre adresse e-mail
set-up-workspace = Nom de l’espace de travail
set-up-workspace-help = En général votre entreprise ou votre équipe d’assistance.
set-up-go = Créer l’espace de travail

## Problems

problem-not-found = Il n’y a rien ici
problem-not-found-help = L’adresse comporte peut-être une erreur, ou le ticket a été supprimé ou appartient à un autre espace de travail.
problem-signed-out = Vous n’êtes pas connecté
problem-signed-out-help = Vous vous connectez avec un lien à usage unique. Demandez-en un à un administrateur de votre espace de travail et ouvrez-le sur cet appareil.
problem-forbidden = Vous n’avez pas ce droit
problem-forbidden-help = Votre rôle ne le prévoit pas. Un administrateur de votre espace de travail peut le modifier.
problem-stale = Ce formulaire est trop ancien
problem-stale-help = Votre session a changé depuis l’ouverture de la page. Revenez en arrière, rechargez-la et envoyez le formulaire de nouveau.
problem-busy = Trop de demandes à la fois
problem-busy-help = Backchannel est très sollicité. Patientez quelques secondes et réessayez ; rien n’a été perdu.
problem-broken = Un problème est survenu de notre côté
problem-broken-help = Rien n’a été perdu. Réessayez dans un instant ; si le problème persiste, signalez-en l’heure à votre administrateur.
problem-refused = Cela n’a pas fonctionné
problem-refused-help = Revenez en arrière, vérifiez votre saisie et réessayez.
problem-kept = Votre texte, à copier et à envoyer de nouveau
problem-request = Numéro de la demande
refused-foreign = Le formulaire a été envoyé depuis un autre site, ou `server.public_url` n’est pas l’adresse que vous avez ouverte.
refused-too-long = Le texte est trop long : 64 Kio au plus.
refused-file-too-large = Un fichier dépasse { $megabytes } Mo : choisissez-en un plus petit.
refused-file-gone = L’un des fichiers n’existe plus : choisissez-le de nouveau.
refused-no-file = Aucun fichier n’a été choisi.
refused-no-body = Le message est vide : rédigez-le.
refused-no-subject = L’objet est vide : indiquez de quoi il s’agit.
refused-no-recipient = Aucun destinataire : indiquez au moins une adresse.
refused-no-question = La question est vide : écrivez au moins un mot.
refused-email = « { $given } » n’est pas une adresse e-mail : écrivez-la sous la forme nom@domaine.
refused-channel = Le canal « { $name } » n’existe plus : rechargez le ticket.
refused-user-name = Indiquez votre nom.
refused-workspace-name = Indiquez le nom de votre entreprise ou de votre équipe d’assistance.

## Dates, times and amounts

month =
    { $month ->
        [1] janv.
        [2] févr.
        [3] mars
        [4] avr.
        [5] mai
        [6] juin
        [7] juil.
        [8] août
        [9] sept.
        [10] oct.
        [11] nov.
       *[12] déc.
    }
day = { $day } { month } { $year }
moment = { $day } { month } { $year }, { $hour }:{ $minute }
moment-utc = { $day } { month } { $year }, { $hour }:{ $minute } UTC
age-now = à l’instant
age-minutes = { $count } min
age-hours = { $count } h
age-days = { $count } j
age-weeks = { $count } sem.
age-years =
    { $count ->
        [one] { $count } an
       *[other] { $count } ans
    }
time-minutes =
    { $count ->
        [one] { $count } minute
       *[other] { $count } minutes
    }
time-hours =
    { $count ->
        [one] { $count } heure
       *[other] { $count } heures
    }
time-days =
    { $count ->
        [one] { $count } jour
       *[other] { $count } jours
    }
size-bytes = { $count } o
size-kilobytes = { $count } ko
size-megabytes = { $count } Mo
percent = { $percent } %
percent-above = > { $percent } %
percent-below = < { $percent } %
money =
    { $currency ->
        [GBP] { $sign }{ $amount } £
        [EUR] { $sign }{ $amount } €
        [USD] { $sign }{ $amount } $
       *[other] { $sign }{ $amount } { $currency }
    }

## Closed sets of words

status-new = Nouveau
status-open = Ouvert
status-pending = En attente
status-solved = Résolu
priority-low = Basse
priority-normal = Normale
priority-high = Élevée
priority-urgent = Urgente
urgency-low = Faible
urgency-normal = Normale
urgency-high = Élevée
urgency-critical = Critique
sentiment-very-negative = Très négatif
sentiment-negative = Négatif
sentiment-neutral = Neutre
sentiment-positive = Positif
sentiment-very-positive = Très positif
step-answer = Répondre maintenant
step-act = Lancer une action
step-consult = Demander à un collègue
step-ask-customer = Demander au client
step-note = Laisser une note
step-wait = Attendre
by-email = E-mail
by-web = Formulaire web
by-chat = Chat
by-phone = Téléphone
by-api = API
by-slack = Slack
by-teams = Teams
by-child-ticket = Ticket enfant
thread-open = En attente
thread-closed = Terminée
tier-standard = Standard
tier-care-basic = Care Basic
tier-care-plus = Care Plus
tier-business = Business
order-paid = Payée
order-picked = Préparée
order-shipped = Expédiée
order-delivered = Livrée
order-cancelled = Annulée
order-returned = Retournée
order-lost = Perdue
role-light = Agent restreint
role-agent = Agent
role-approver = Approbateur
role-admin = Administrateur
role-auditor = Auditeur
role-service = Service
audience-public = Public
audience-internal = Interne
audience-teams = Réservé à { $teams }
audience-customer = Ce client

## Kinds of what is found in texts

kind-email = E-mail
kind-phone = Téléphone
kind-url = Lien
kind-iban = IBAN
kind-card = Carte
kind-amount = Montant
kind-date = Date
kind-product = Produit

## Languages, by their ISO 639-1 code

language-ar = arabe
language-cs = tchèque
language-da = danois
language-de = allemand
language-el = grec
language-en = anglais
language-es = espagnol
language-et = estonien
language-fi = finnois
language-fr = français
language-hu = hongrois
language-it = italien
language-ja = japonais
language-ko = coréen
language-lt = lituanien
language-lv = letton
language-nl = néerlandais
language-no = norvégien
language-pl = polonais
language-pt = portugais
language-ro = roumain
language-ru = russe
language-sk = slovaque
language-sl = slovène
language-sv = suédois
language-tr = turc
language-uk = ukrainien
language-zh = chinois
